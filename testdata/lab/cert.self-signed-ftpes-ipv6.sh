# pure-ftpd with the self-signed certificate of its installation, over IPv6.
# target: ftpes://files6.example.com/
# network: client-public
# verdict: fail
# cause: cert.self-signed fail proven
# healthy: healthy-ftpes-ipv6

pureftpd server --tls=1 --certfile=$tls/self-signed.pem
