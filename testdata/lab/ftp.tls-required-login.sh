# vsftpd lets anonymous users in, and others over TLS only.
# target: ftp://alice@files.example.com/
# env: RUNG_PASSWORD=wonderland
# verdict: fail
# cause: ftp.tls-required fail proven
# healthy: healthy-login

vsftpd server ssl_enable=YES force_local_logins_ssl=YES
