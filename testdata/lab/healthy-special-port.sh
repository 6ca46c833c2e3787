# The passive range has the port of SIP among its five, and nobody minds.
# target: ftp://files.example.com/
# flags: --require both --passive-samples 40
# network: client-public
# verdict: ok

on edge nft add element inet firewall open '{ 5058-5062 }'
vsftpd server pasv_min_port=5058 pasv_max_port=5062
