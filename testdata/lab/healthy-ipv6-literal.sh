# An IPv6 address as the target, a client without a firewall: both modes work, with EPSV and EPRT.
# target: ftp://[2001:db8:2::10]/
# flags: --require both
# network: client-public
# verdict: ok

proftpd server
