# Two faults, and the user needs both modes: data connections come from another address than the control connection, and nothing
# comes back through the client's NAT.
# target: ftp://files.example.com/
# flags: --require both --timeout 3s
# verdict: fail
# cause: ftp.passive.peer-mismatch fail proven
# cause: ftp.active.private-address fail proven
# healthy: healthy-nat-helper

address_pool 192.0.2.71 192.0.2.72
vsftpd server
