# The same with pure-ftpd, which lists AUTH in FEAT and says of XXXX what it says of every command before the login.
# target: ftpes://files.example.com/
# network: client-public
# verdict: fail
# cause: ftp.auth-tls-stripped fail proven
# healthy: healthy-ftpes-pureftpd

strip_auth isp
pureftpd server --tls=1
