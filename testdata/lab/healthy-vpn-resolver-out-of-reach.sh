# The resolver on the client asks the VPN's server about the company's names, and that one is out of reach. This name is not the company's.
# target: https://www.example.com/
# verdict: ok

stub corp.example 198.51.100.99
links_of_resolved 198.51.100.99 DEFAULT_ROUTE=no DOMAINS=~corp.example
on isp ip route add 198.51.100.99/32 via 198.51.100.18
mangle isp 'ip daddr 198.51.100.99 drop'
website server 443 ssl good
