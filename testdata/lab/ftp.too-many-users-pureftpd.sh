# The same with pure-ftpd: 421.
# target: ftp://files.example.com/
# verdict: fail
# cause: ftp.too-many-users fail proven
# healthy: healthy-pureftpd

pureftpd server --maxclientsnumber=1
await
occupy 203.0.113.10
