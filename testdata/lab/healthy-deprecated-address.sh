# The network renumbers: the client's only IPv6 address is deprecated, and works until it is gone.
# target: tcp://files6.example.com:21
# verdict: ok
# check: link pass

vsftpd6 server
on client ip address change 2001:db8:1::10/64 dev eth0 preferred_lft 0 valid_lft 600
