# vsftpd lets users in without TLS, and its default wants their data connections protected: "522" to LIST.
# target: ftp://alice@files.example.com/
# env: RUNG_PASSWORD=wonderland
# network: client-public
# verdict: fail
# cause: ftps.prot-required fail proven
# healthy: healthy-prot-clear-vsftpd

vsftpd server ssl_enable=YES force_local_logins_ssl=NO
