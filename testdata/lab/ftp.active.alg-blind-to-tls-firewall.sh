# No translation: the client's firewall lets the server's data connections in where it has read of them, and cannot read TLS.
# target: ftpes://files.example.com/
# flags: --require active --timeout 3s
# network: client-public
# verdict: fail
# cause: ftp.active.alg-blind-to-tls fail proven
# check: ftp.passive pass
# healthy: healthy-firewall-with-helper

firewall_at_client
nat_helper cpe
pureftpd server --tls=1
