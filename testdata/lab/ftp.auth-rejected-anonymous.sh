# The server wants a user, and none was given. That says nothing about the data connections.
# target: ftp://files.example.com/
# verdict: warn
# cause: ftp.auth-rejected warn proven
# check: ftp.passive skip
# check: ftp.active skip
# healthy: healthy-login

vsftpd server anonymous_enable=NO
