# A tunnel between two of our own machines: both sides show a certificate.
# target: tls://files.example.com:443
# verdict: fail
# cause: tls.client-cert-required fail proven
# healthy: healthy-client-cert-stunnel

authority Staff
website server 8080
stunnel server "cert = $tls/good.pem" "CAfile = $tls/Staff.ca.pem" 'verifyChain = yes' '[site]' 'accept = :::443' 'connect = 127.0.0.1:8080'
