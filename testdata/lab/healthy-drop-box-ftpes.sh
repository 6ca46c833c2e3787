# A drop box over TLS: LIST is answered 550 before TLS was spoken on the data connection.
# target: ftpes://files.example.com/
# network: client-public
# verdict: ok
# cause: ftp.listing-denied info proven

vsftpd server ssl_enable=YES allow_anon_ssl=YES dirlist_enable=NO
