# Two faults: the server announces the address that it has at home, and active mode is switched off. The user needs both modes.
# target: ftp://files.example.com/
# flags: --require both
# network: server-nat client-public
# verdict: fail
# cause: ftp.passive.private-address fail proven
# cause: ftp.passive.epsv-unsupported info proven
# cause: ftp.active.refused-by-policy fail proven
# healthy: healthy-server-behind-nat-proftpd

vsftpd server cmds_denied=EPSV port_enable=NO
