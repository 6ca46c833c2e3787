# The client's firewall reads FTP and lets the server's data connections in.
# target: ftp://files.example.com/
# flags: --require both
# network: client-public
# verdict: ok

firewall_at_client
nat_helper cpe
pureftpd server --tls=1
