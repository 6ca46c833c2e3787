# Two faults: the handshake stalls, and the firewall has forgotten the passive range. Nobody comes as far as that.
# target: ftpes://files.example.com/
# flags: --timeout 3s
# network: client-public
# verdict: fail
# cause: tls.handshake-stall fail proven
# healthy: healthy-ftpes-vsftpd

on edge nft delete element inet firewall open '{ 50000-50099 }'
on edge nft insert rule inet firewall forward iifname dmz tcp sport 21 @ih,0,8 0x16 drop
vsftpd server ssl_enable=YES allow_anon_ssl=YES
