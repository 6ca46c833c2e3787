# A rule of the routing policy calls the server's network unreachable: to programs it looks like a route that is missing.
# target: ftp://files.example.com/
# verdict: fail
# cause: route.local-policy fail proven
# healthy: healthy-policy-port

vsftpd server
on client ip rule add to 203.0.113.0/24 priority 50 unreachable
