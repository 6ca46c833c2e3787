# The client's NAT has a helper that translates PORT; the server's firewall drops the data connection. The NAT is not to blame.
# target: ftp://files.example.com/
# flags: --timeout 3s --require active
# verdict: fail
# cause: ftp.active.blocked fail likely
# healthy: healthy-nat-helper

nat_helper cpe
on edge nft insert rule inet firewall forward iifname dmz tcp sport 20 ct state new drop
on edge nft insert rule inet firewall forward iifname dmz ct state related drop
vsftpd server
