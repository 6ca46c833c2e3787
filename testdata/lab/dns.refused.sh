# The resolver does not serve this client's question.
# target: ftp://files.example.org/
# verdict: fail
# cause: dns.refused fail likely
# healthy: healthy-vsftpd

vsftpd server
