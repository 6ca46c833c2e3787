# The directory is empty: the listing has no byte.
# target: ftp://files.example.com/
# flags: --require both
# network: client-public
# verdict: ok

rm $ftp/README
vsftpd server
