# The FTP server does not send the intermediate certificate.
# target: ftpes://files.example.com/
# network: client-public
# verdict: fail
# cause: cert.incomplete-chain fail likely
# healthy: healthy-ftpes-pureftpd

pureftpd server --tls=1 --certfile=$tls/leaf-alone.pem
