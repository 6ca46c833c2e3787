# The firewall hides the server's greeting behind asterisks, and replaces AUTH. The server lists AUTH in FEAT, and does not know
# what it was sent.
# target: ftpes://files.example.com/
# network: client-public
# verdict: fail
# cause: ftp.auth-tls-stripped fail proven
# healthy: healthy-ftpes-vsftpd

strip_auth edge
# "220 (vsFTPd 3.0.3)" becomes "220 **************".
on edge nft add rule inet mangle forward tcp sport 21 @th,256,64 0x3232302028767346 \
	@th,288,64 set 0x2a2a2a2a2a2a2a2a @th,352,48 set 0x2a2a2a2a2a2a
vsftpd server ssl_enable=YES allow_anon_ssl=YES
