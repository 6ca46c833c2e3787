# The same with proftpd.
# target: ftpes://files.example.com/
# network: server-nat client-public
# verdict: ok

nat_helper edge
proftpd server 'MasqueradeAddress 203.0.113.10' "$(proftpd_tls good)"
