# As many users as proftpd allows are logged in already: it answers 530 to the login.
# target: ftp://files.example.com/
# verdict: fail
# cause: ftp.too-many-users fail proven
# healthy: healthy-proftpd

proftpd server 'MaxClients 1'
await
occupy 203.0.113.10
