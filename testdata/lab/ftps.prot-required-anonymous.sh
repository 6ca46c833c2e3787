# The same for anonymous users.
# target: ftp://files.example.com/
# flags: --require both
# network: client-public
# verdict: fail
# cause: ftps.prot-required fail proven
# healthy: healthy-both-modes-vsftpd

vsftpd server ssl_enable=YES allow_anon_ssl=YES force_anon_data_ssl=YES
