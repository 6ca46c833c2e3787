# The router of the client's own network, as in many hotels, lets only well-known ports out.
# target: ftp://files.example.com/
# flags: --timeout 3s
# verdict: fail
# cause: ftp.passive.port-filtered fail proven 192.168.1.1 or 198.51.100.1
# cause: ftp.active.private-address info proven
# healthy: healthy-vsftpd

only_well_known_ports cpe lan
vsftpd server
