# An FTP server with a certificate that was issued for clients.
# target: ftpes://files.example.com/
# network: client-public
# verdict: fail
# cause: cert.wrong-usage fail proven
# healthy: healthy-ftpes-pureftpd

pureftpd server --tls=1 --certfile=$tls/for-clients.pem
