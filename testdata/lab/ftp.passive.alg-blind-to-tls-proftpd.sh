# The same with proftpd and the firewall of the client's network, which lets well-known ports out.
# target: ftpes://files.example.com/
# flags: --timeout 3s
# network: client-public
# verdict: fail
# cause: ftp.passive.alg-blind-to-tls fail proven
# healthy: healthy-nat-helper-ftpes-proftpd

nat_helper cpe
only_well_known_ports cpe lan
proftpd server "$(proftpd_tls good)"
