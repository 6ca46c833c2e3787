# The preferred router has lost its own way out, and says so.
# target: ftp://203.0.113.10/
# flags: --timeout 4s
# verdict: fail
# cause: route.wrong-interface fail proven eth1
# healthy: healthy-two-uplinks

vsftpd server
second_uplink
prefer 50 via 192.168.2.1
on cpe2 ip route delete default
