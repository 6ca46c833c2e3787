# Somebody gave a printer the client's IPv4 address by hand, and the router believes the printer. rung may ask the network who has it.
# target: tcp://203.0.113.10:21
# rights: net_raw
# flags: --timeout 4s
# verdict: fail
# cause: link.duplicate-address fail proven eth0
# healthy: healthy-lan-of-many

vsftpd server
neighbour printer 192.168.1.10/24
on cpe ip neighbour replace 192.168.1.10 lladdr "$(on printer cat /sys/class/net/eth0/address)" dev lan
