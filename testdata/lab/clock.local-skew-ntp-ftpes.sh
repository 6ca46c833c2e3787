# This machine's clock is three days slow; the FTP server does not say so, and a time server does.
# target: ftpes://files.example.com/
# flags: --ntp ntp.example.com
# network: client-public
# verdict: fail
# cause: clock.local-skew fail proven
# healthy: healthy-ftpes-vsftpd

timeserver 72h
at +3d vsftpd server ssl_enable=YES allow_anon_ssl=YES rsa_cert_file=$tls/not-yet-valid.pem
