# A drop box: files may be put there and not be listed. LIST is answered 550, the data connections work.
# target: ftp://files.example.com/
# network: client-public
# verdict: ok
# cause: ftp.listing-denied info proven

vsftpd server dirlist_enable=NO
