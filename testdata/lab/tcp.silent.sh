# The service hangs: the kernel accepts connections for it, and no greeting comes.
# target: ftp://files.example.com/
# flags: --timeout 6s
# verdict: fail
# cause: tcp.silent fail proven
# healthy: healthy-vsftpd

vsftpd server
await
kill -STOP $!
