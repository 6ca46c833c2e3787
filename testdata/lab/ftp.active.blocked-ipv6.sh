# IPv6 through a home router's stateful firewall.
# target: ftp://files6.example.com/
# flags: --require active --timeout 3s
# verdict: fail
# cause: ftp.active.blocked fail likely
# check: ftp.passive pass
# healthy: healthy-ipv6-literal

pureftpd server
