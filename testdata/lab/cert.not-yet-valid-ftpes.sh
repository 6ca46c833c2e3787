# The FTP server's certificate is not valid yet.
# target: ftpes://files.example.com/
# network: client-public
# verdict: fail
# cause: cert.not-yet-valid fail likely
# healthy: healthy-ftpes-pureftpd

pureftpd server --tls=1 --certfile=$tls/not-yet-valid.pem
