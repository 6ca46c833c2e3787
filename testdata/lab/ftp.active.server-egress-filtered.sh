# The server's firewall lets no connection out, and somebody else reaches the very port on which the server is expected.
# target: ftp://files.example.com/
# flags: --require active --active-ports 40021 --timeout 3s
# network: client-public
# verdict: fail
# cause: ftp.active.server-egress-filtered fail proven
# check: ftp.passive pass
# healthy: healthy-both-modes-proftpd

on edge nft insert rule inet firewall forward iifname dmz meta l4proto tcp ct state new drop
proftpd server
on isp bash -c 'exec {pause}<> <(:)
	until exec {reached}<>/dev/tcp/192.0.2.10/40021; do read -rt 0.02 -u "$pause"; done 2>/dev/null
	read -rt 9 -u "$reached"' &
