# The server's firewall opens the data ports that it reads of, and knows PASV alone.
# target: ftp://files.example.com/
# flags: --timeout 3s --passive-samples 16
# network: client-public
# verdict: warn
# cause: ftp.passive.epsv-blocked warn proven
# check: ftp.active pass
# healthy: healthy-nat-helper-at-edge

nat_helper edge
on edge nft delete element inet firewall open '{ 50000-50099 }'
# The kernel's helper would know EPSV: it gets to see "299" in the place of "229", and the provider puts it right.
on server nft add table inet hide
on server nft add chain inet hide output '{ type filter hook output priority mangle; }'
on server nft add rule inet hide output tcp sport 21 @th,256,32 0x32323920 @th,264,8 set 0x39
mangle isp 'tcp sport 21 @th,256,32 0x32393920 @th,264,8 set 0x32'
vsftpd server
