# The server does without EPSV, and its reply to PASV over IPv6 has three numbers in the place of six.
# target: ftp://files6.example.com/
# network: client-public
# verdict: fail
# cause: ftp.passive.malformed-reply fail proven
# check: ftp.active pass
# healthy: healthy-both-modes-ipv6-proftpd

proftpd server '<Limit EPSV>' DenyAll '</Limit>'
