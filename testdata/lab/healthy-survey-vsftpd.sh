# All that an FTP server would accept after AUTH TLS.
# target: ftpes://files.example.com/
# flags: --tls-survey
# network: client-public
# verdict: ok

vsftpd server ssl_enable=YES allow_anon_ssl=YES
