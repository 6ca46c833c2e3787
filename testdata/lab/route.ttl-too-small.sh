# The client's packets live for two hops, and the server is four hops away.
# target: ftp://203.0.113.10/
# verdict: fail
# cause: route.ttl-too-small fail likely
# healthy: healthy-literal

vsftpd server
on client bash -c 'echo 2 >/proc/sys/net/ipv4/ip_default_ttl'
