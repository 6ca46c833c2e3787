# The client's router reads FTP: it puts its own address into PORT and lets the server's connection in. Both modes work.
# target: ftp://files.example.com/
# flags: --require both
# verdict: ok

nat_helper cpe
vsftpd server
