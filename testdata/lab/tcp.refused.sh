# The service is not running.
# target: ftp://files.example.com/
# verdict: fail
# cause: tcp.refused fail proven 203.0.113.10:21
# healthy: healthy-vsftpd
