# Implicit TLS with vsftpd.
# target: ftps://files.example.com/
# network: client-public
# verdict: ok

vsftpd server listen_port=990 implicit_ssl=YES ssl_enable=YES allow_anon_ssl=YES
