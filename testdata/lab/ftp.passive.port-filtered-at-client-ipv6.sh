# The same over IPv6.
# target: ftp://files6.example.com/
# flags: --timeout 3s
# verdict: fail
# cause: ftp.passive.port-filtered fail proven 2001:db8:1::1 or 2001:db8:a::1
# cause: ftp.active.blocked info likely
# healthy: healthy-ipv6-literal

only_well_known_ports cpe lan
vsftpd6 server
