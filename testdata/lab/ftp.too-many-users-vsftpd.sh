# As many clients as vsftpd allows are connected already: it greets the next with 421.
# target: ftp://files.example.com/
# verdict: fail
# cause: ftp.too-many-users fail proven
# healthy: healthy-vsftpd

vsftpd server max_clients=1
await
occupy 203.0.113.10
