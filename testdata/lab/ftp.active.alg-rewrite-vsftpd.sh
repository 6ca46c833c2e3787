# A firewall before the server puts an old address into PORT, and leaves EPRT alone.
# target: ftp://files.example.com/
# flags: --require active
# network: client-public
# verdict: warn
# cause: ftp.active.alg-rewrite warn likely
# check: ftp.passive pass
# healthy: healthy-both-modes-vsftpd

# "PORT 192,0,2,10" becomes "PORT 192,0,2,99": its last two digits are 45 bytes behind the begin of the TCP header.
mangle edge 'tcp dport 21 @th,256,32 0x504f5254 @th,360,16 set 0x3939'
vsftpd server
