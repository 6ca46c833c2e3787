# The resolver does not serve this client's question.
# target: ftp://files.example.org/
# verdict: fail
# cause: dns.refused fail proven
# healthy: healthy-vsftpd

vsftpd server
