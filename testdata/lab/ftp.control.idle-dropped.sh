# The client's router forgets a connection on which nothing happened for two seconds, and drops what comes of it later.
# target: ftp://files.example.com/
# flags: --hold 4s --timeout 3s
# verdict: fail
# cause: ftp.control.idle-dropped fail proven
# cause: ftp.active.private-address info proven
# healthy: healthy-hold

forgetful drop
vsftpd server
