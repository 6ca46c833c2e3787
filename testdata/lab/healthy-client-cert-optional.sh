# A balancer that asks for a certificate and goes on without.
# target: https://www.example.com/
# verdict: ok

authority Staff
offloader server "crt $tls/good.pem ca-file $tls/Staff.ca.pem verify optional"
