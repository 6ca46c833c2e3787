# The passive range has the port of SIP among its five, and the firewall drops what is no telephone call of its own.
# target: ftp://files.example.com/
# flags: --timeout 1s --passive-samples 40
# network: client-public
# verdict: warn
# cause: ftp.passive.special-port-blocked warn likely
# check: ftp.active pass
# healthy: healthy-special-port

on edge nft add element inet firewall open '{ 5058-5062 }'
on edge nft insert rule inet firewall forward tcp dport 5060 drop
vsftpd server pasv_min_port=5058 pasv_max_port=5062
