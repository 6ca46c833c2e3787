# A server's certificate signed the FTP server's: it is no CA.
# target: ftpes://files.example.com/
# network: client-public
# verdict: fail
# cause: cert.ca-constraint fail proven
# healthy: healthy-ftpes-pureftpd

pureftpd server --tls=1 --certfile=$tls/by-no-authority.pem
