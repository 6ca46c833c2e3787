# The same with implicit TLS, over IPv6.
# target: ftps://files6.example.com/
# network: client-public
# verdict: fail
# cause: tls.no-common-version fail proven
# healthy: healthy-ftps-vsftpd

openssl_default 'MinProtocol = TLSv1' 'MaxProtocol = TLSv1.1'
vsftpd6 server listen_port=990 implicit_ssl=YES ssl_enable=YES allow_anon_ssl=YES ssl_ciphers=ALL:@SECLEVEL=0
