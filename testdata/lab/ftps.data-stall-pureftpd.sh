# The same with pure-ftpd.
# target: ftpes://files.example.com/
# flags: --timeout 3s
# network: client-public
# verdict: fail
# cause: ftps.data-stall fail likely
# healthy: healthy-ftpes-pureftpd

on edge nft insert rule inet firewall forward iifname dmz tcp sport 50000-50099 @ih,0,8 0x16 drop
pureftpd server --tls=1
