# The server's firewall allows a client two connections at once: enough for every client that makes one data connection at a time.
# target: ftp://files.example.com/
# flags: --timeout 3s
# network: client-public
# verdict: ok

on edge nft insert rule inet firewall forward iifname wan tcp flags syn ct state new meta l4proto tcp ct count over 2 drop
vsftpd server
