# pure-ftpd takes no version below TLS 1.2, and its OpenSSL none above 1.1: none is left. The alert comes before our ClientHello.
# target: ftpes://files.example.com/
# network: client-public
# verdict: fail
# cause: tls.no-common-version fail proven
# healthy: healthy-ftpes-pureftpd

openssl_default 'MinProtocol = TLSv1' 'MaxProtocol = TLSv1.1'
pureftpd server --tls=1 --tlsciphersuite=ALL:@SECLEVEL=0
