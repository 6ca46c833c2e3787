# The client alone: DHCP did not answer, and it gave itself an address that leads nowhere.
# target: -
# verdict: fail
# cause: link.autoconf-only fail proven eth0
# healthy: healthy-machine

on client ip address flush dev eth0 scope global
on client ip address add 169.254.7.7/16 dev eth0 scope link
