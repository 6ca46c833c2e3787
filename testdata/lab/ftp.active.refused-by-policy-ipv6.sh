# vsftpd has EPRT switched off, without which active mode over IPv6 cannot be. Nobody needs it.
# target: ftp://files6.example.com/
# network: client-public
# verdict: ok
# cause: ftp.active.refused-by-policy info proven
# check: ftp.passive pass
# healthy: healthy-both-modes-ipv6

vsftpd6 server cmds_denied=EPRT
