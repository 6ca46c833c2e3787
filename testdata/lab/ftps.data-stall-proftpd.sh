# The same with proftpd.
# target: ftpes://files.example.com/
# flags: --timeout 3s
# network: client-public
# verdict: fail
# cause: ftps.data-stall fail likely
# healthy: healthy-ftpes-proftpd

on edge nft insert rule inet firewall forward iifname dmz tcp sport 50000-50099 @ih,0,8 0x16 drop
proftpd server "$(proftpd_tls good)"
