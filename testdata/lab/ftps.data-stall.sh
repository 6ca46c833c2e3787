# A firewall takes TLS on the data ports for an attack: connections are let through, the server's side of the handshake is not.
# target: ftpes://files.example.com/
# flags: --timeout 3s
# network: client-public
# verdict: fail
# cause: ftps.data-stall fail likely
# healthy: healthy-ftpes-vsftpd

on edge nft insert rule inet firewall forward iifname dmz tcp sport 50000-50099 @ih,0,8 0x16 drop
vsftpd server ssl_enable=YES allow_anon_ssl=YES
