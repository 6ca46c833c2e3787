# The firewall admits port 21, and the passive range was forgotten.
# target: ftp://files.example.com/
# flags: --timeout 3s
# verdict: fail
# cause: ftp.passive.port-filtered fail proven
# cause: ftp.active.private-address info proven
# healthy: healthy-vsftpd

on edge nft delete element inet firewall open '{ 50000-50099 }'
vsftpd server
