# A client with a public address and no firewall: both data modes work with pureftpd.
# target: ftp://files.example.com/
# flags: --require both
# network: client-public
# verdict: ok
# check: ftp.passive pass
# check: ftp.active pass

pureftpd server
