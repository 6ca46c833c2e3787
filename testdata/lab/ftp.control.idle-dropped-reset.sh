# The same with a router that answers with a reset.
# target: ftp://files.example.com/
# flags: --hold 4s
# verdict: fail
# cause: ftp.control.idle-dropped fail proven
# cause: ftp.active.private-address info proven
# healthy: healthy-hold-pureftpd

forgetful reject with tcp reset
pureftpd server
