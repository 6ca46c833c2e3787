# stunnel presents a certificate for clients.
# target: tls://files.example.com:990
# verdict: fail
# cause: cert.wrong-usage fail proven
# healthy: healthy-leaf-per-address

website server 80
stunnel server '[tls]' 'accept = 990' "cert = $tls/for-clients.pem" 'connect = 127.0.0.1:80'
