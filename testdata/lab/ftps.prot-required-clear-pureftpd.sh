# The same with pure-ftpd, which says 521.
# target: ftpes://files.example.com/
# flags: --prot clear
# network: client-public
# verdict: fail
# cause: ftps.prot-required fail proven
# healthy: healthy-prot-clear-pureftpd

pureftpd server --tls=3
