# The preferred router has lost its own way out and says nothing of it; by the other the resolver answers.
# target: ftp://files.example.com/
# flags: --timeout 4s
# verdict: fail
# cause: route.wrong-interface fail likely eth1
# healthy: healthy-two-uplinks

vsftpd server
second_uplink
prefer 50 via 192.168.2.1
on cpe2 nft insert rule inet firewall forward drop
