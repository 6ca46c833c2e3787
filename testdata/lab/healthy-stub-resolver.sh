# The resolver is a stub on the client itself, as systemd-resolved is.
# target: ftp://files.example.com/
# network: client-public
# verdict: ok

vsftpd server
stub
