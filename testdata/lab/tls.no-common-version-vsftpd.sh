# A server whose administrator held all of OpenSSL down to TLS 1.1.
# target: ftpes://files.example.com/
# network: client-public
# verdict: fail
# cause: tls.no-common-version fail proven
# healthy: healthy-ftpes-vsftpd

openssl_default 'MinProtocol = TLSv1' 'MaxProtocol = TLSv1.1'
vsftpd server ssl_enable=YES allow_anon_ssl=YES ssl_ciphers=ALL:@SECLEVEL=0
