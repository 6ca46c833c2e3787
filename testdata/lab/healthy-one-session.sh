# The server allows one connection from an address, and answers 421 to a second. It must be asked one by one.
# target: ftp://files.example.com/
# flags: --require both
# network: client-public
# verdict: ok

vsftpd server max_per_ip=1
