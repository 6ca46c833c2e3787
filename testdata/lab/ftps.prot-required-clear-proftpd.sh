# The same with proftpd, which refuses PROT C as well.
# target: ftpes://files.example.com/
# flags: --prot clear
# network: client-public
# verdict: fail
# cause: ftps.prot-required fail proven
# healthy: healthy-prot-clear-proftpd

proftpd server "$(proftpd_tls good)" 'TLSRequired on'
