# A line on which a packet takes 150 ms in each direction.
# target: ftp://files.example.com/
# flags: --require both
# network: client-public
# delay: access 150ms
# verdict: ok

vsftpd server
