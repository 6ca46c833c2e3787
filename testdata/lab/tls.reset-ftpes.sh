# A firewall that knows FTP and wants no TLS in it: it lets AUTH TLS pass and resets what follows.
# target: ftpes://files.example.com/
# network: client-public
# verdict: fail
# cause: tls.reset fail proven
# healthy: healthy-ftpes-vsftpd

on edge nft insert rule inet firewall forward iifname wan tcp dport 21 @ih,0,8 0x16 reject with tcp reset
vsftpd server ssl_enable=YES allow_anon_ssl=YES
