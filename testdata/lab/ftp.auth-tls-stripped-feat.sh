# The same with vsftpd, which does not quote. The firewall masks the server's word for it in FEAT too, and leaves PBSZ and PROT.
# target: ftpes://files.example.com/
# network: client-public
# verdict: fail
# cause: ftp.auth-tls-stripped fail proven
# healthy: healthy-ftpes-vsftpd

strip_auth cpe
# vsftpd sends every line of FEAT by itself: " AUTH TLS" becomes " XXXX TLS".
on cpe nft add rule inet mangle forward tcp sport 21 @th,256,32 0x20415554 @th,264,32 set 0x58585858
vsftpd server ssl_enable=YES allow_anon_ssl=YES
