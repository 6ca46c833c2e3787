# The client's router puts its own address into PORT, and cannot read TLS. The user needs both modes.
# target: ftpes://files.example.com/
# flags: --require both --timeout 3s
# verdict: fail
# cause: ftp.active.alg-blind-to-tls fail proven
# check: ftp.passive pass
# healthy: healthy-nat-helper

nat_helper cpe
vsftpd server ssl_enable=YES allow_anon_ssl=YES
