# A control connection on which nothing happens for a while is as alive afterwards.
# target: ftp://files.example.com/
# flags: --hold 4s --require both
# network: client-public
# verdict: ok

vsftpd server
