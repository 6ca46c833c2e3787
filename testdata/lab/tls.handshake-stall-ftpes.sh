# A firewall lets AUTH TLS and the ClientHello pass, and nothing of what the server then says.
# target: ftpes://files.example.com/
# flags: --timeout 3s
# network: client-public
# verdict: fail
# cause: tls.handshake-stall fail proven
# healthy: healthy-ftpes-vsftpd

on edge nft insert rule inet firewall forward iifname dmz tcp sport 21 @ih,0,8 0x16 drop
vsftpd server ssl_enable=YES allow_anon_ssl=YES
