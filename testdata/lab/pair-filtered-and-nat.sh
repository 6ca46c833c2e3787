# Two faults, and the user needs both modes: the passive range was forgotten, and nothing comes through the client's NAT.
# target: ftp://files.example.com/
# flags: --require both --timeout 3s
# verdict: fail
# cause: ftp.passive.port-filtered fail proven
# cause: ftp.active.blocked-by-nat fail likely
# healthy: healthy-nat-helper-proftpd

on edge nft delete element inet firewall open '{ 50000-50099 }'
proftpd server
