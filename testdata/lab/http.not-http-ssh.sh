# http:// at the port of an SSH server.
# target: http://www.example.com/
# verdict: fail
# cause: http.not-http fail proven
# healthy: healthy-http

on edge nft add element inet firewall open '{ 80 }'
sshd server 80
