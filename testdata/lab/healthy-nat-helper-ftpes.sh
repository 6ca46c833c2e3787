# The server's firewall reads FTP, and it has the passive range open all the same.
# target: ftpes://files.example.com/
# flags: --require both
# network: client-public
# verdict: ok

nat_helper edge
vsftpd server ssl_enable=YES allow_anon_ssl=YES
