# A network without IPv4. The client's firewall admits nothing that it did not ask for, so active mode does not work.
# target: ftp://files6.example.com/
# flags: --timeout 2s
# verdict: ok
# cause: ftp.active.blocked info likely

on client ip -4 address flush dev eth0
nameservers 2001:db8:53::53
vsftpd6 server
