# The server knows no EPSV, and PASV cannot announce an IPv6 address.
# target: ftp://files6.example.com/
# network: client-public
# verdict: fail
# cause: ftp.passive.pasv-on-ipv6 fail proven
# healthy: healthy-ipv6-literal

vsftpd6 server cmds_denied=EPSV
