# The server announces its public address itself, and its router, which reads FTP, has nothing to replace.
# target: ftpes://files.example.com/
# network: server-nat client-public
# verdict: ok

nat_helper edge
vsftpd server ssl_enable=YES allow_anon_ssl=YES pasv_address=203.0.113.10
