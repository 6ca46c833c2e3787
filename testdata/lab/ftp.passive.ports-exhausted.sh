# All passive ports are taken.
# target: ftp://files.example.com/
# network: client-public
# verdict: fail
# cause: ftp.passive.ports-exhausted fail proven
# healthy: healthy-both-modes-pureftpd

sshd server 50000
sshd server 50001
pureftpd server --passiveportrange=50000:50001
