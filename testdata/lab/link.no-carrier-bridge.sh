# The client's address is on a bridge, and somebody took the bridge's only port away.
# target: tcp://files.example.com:21
# verdict: fail
# cause: link.no-carrier fail proven br0
# healthy: healthy-bridge

vsftpd server
bridged
on client ip link set eth0 nomaster
