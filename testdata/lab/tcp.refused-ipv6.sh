# The service is not running, and there is IPv6 only.
# target: ftp://files6.example.com/
# verdict: fail
# cause: tcp.refused fail proven
# healthy: healthy-ipv6-only
