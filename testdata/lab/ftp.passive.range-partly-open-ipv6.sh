# The same over explicit TLS and IPv6, where the firewall drops all but the first thirty ports.
# target: ftpes://files6.example.com/
# flags: --timeout 1s --passive-samples 24
# network: client-public
# verdict: fail
# cause: ftp.passive.range-partly-open fail proven
# healthy: healthy-ftpes-ipv6

on edge nft delete element inet firewall open '{ 50000-50099 }'
on edge nft add element inet firewall open '{ 50000-50029 }'
vsftpd6 server ssl_enable=YES allow_anon_ssl=YES
