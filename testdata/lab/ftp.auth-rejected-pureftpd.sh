# A wrong password, at pureftpd.
# target: ftp://alice@files.example.com/
# env: RUNG_PASSWORD=looking-glass
# verdict: fail
# cause: ftp.auth-rejected fail proven
# healthy: healthy-login

pureftpd server
