# A certificate with an RSA key and TLS 1.2.
# target: tls://files.example.com:443
# verdict: ok

rsa_certificate
website server 8080
stunnel server "cert = $tls/rsa.pem" 'sslVersion = TLSv1.2' '[site]' 'accept = :::443' 'connect = 127.0.0.1:8080'
