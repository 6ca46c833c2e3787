# Two virtual machines were cloned with one IPv6 address: the other one was there first, and duplicate address detection found it.
# target: tcp://files6.example.com:21
# verdict: fail
# cause: link.duplicate-address fail proven eth0
# check: link fail
# check: tcp fail
# healthy: healthy-address-detection

vsftpd6 server
neighbour twin 2001:db8:1::10/64
detect_duplicates 2001:db8:1::10
