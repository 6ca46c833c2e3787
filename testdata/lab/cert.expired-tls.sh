# stunnel presents a certificate that has expired; what is behind it says no time.
# target: tls://files.example.com:990
# verdict: fail
# cause: cert.expired fail likely
# healthy: healthy-leaf-per-address

website server 80
stunnel server '[tls]' 'accept = 990' "cert = $tls/expired.pem" 'connect = 127.0.0.1:80'
