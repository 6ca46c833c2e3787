# The server accepts any address in PORT, and then calls one that the Internet has no route to. Nobody needs active mode.
# target: ftp://files.example.com/
# flags: --timeout 2s
# verdict: ok
# cause: ftp.active.blocked-by-nat info likely
# check: ftp.active fail

vsftpd server port_promiscuous=YES
