# The provider drops what goes to high ports. The server's firewall admits them.
# target: ftp://files.example.com/
# flags: --timeout 3s
# network: client-public
# verdict: fail
# cause: ftp.passive.port-filtered fail proven 198.51.100.1 or 198.51.100.18
# check: ftp.active pass
# healthy: healthy-both-modes-proftpd

only_well_known_ports isp access
proftpd server
