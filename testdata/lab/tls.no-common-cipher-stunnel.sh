# Whoever wrote the list of suites wanted no elliptic curves of unknown making: DHE with RSA alone.
# target: tls://files.example.com:443
# verdict: fail
# cause: tls.no-common-cipher fail proven
# healthy: healthy-tls

rsa_certificate
website server 8080
stunnel server "cert = $tls/rsa.pem" 'sslVersion = TLSv1.2' 'ciphers = kDHE:!aNULL' '[site]' 'accept = :::443' 'connect = 127.0.0.1:8080'
