# The preferred router lets nothing through, and says nothing.
# target: ftp://203.0.113.10/
# flags: --timeout 4s
# verdict: fail
# cause: route.wrong-interface fail proven eth1
# check: gateway pass
# healthy: healthy-two-uplinks

vsftpd server
second_uplink
prefer 50 via 192.168.2.1
on cpe2 nft insert rule inet firewall forward drop
