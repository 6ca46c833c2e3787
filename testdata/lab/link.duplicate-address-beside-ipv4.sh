# Another host has the client's IPv6 address, and IPv4 works: nobody notices, until a target has no other.
# target: tcp://files46.example.com:21
# verdict: warn
# cause: link.duplicate-address warn proven eth0
# check: link warn
# healthy: healthy-address-detection

vsftpd server
neighbour twin 2001:db8:1::10/64
detect_duplicates 2001:db8:1::10
