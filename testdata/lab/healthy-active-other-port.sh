# The server's active connections do not come from port 20.
# target: ftp://files.example.com/
# flags: --require both
# network: client-public
# verdict: ok

vsftpd server connect_from_port_20=NO
