# nginx takes the handshake without a certificate, and answers the request with 400: an answer is an answer.
# target: https://www.example.com/
# verdict: ok

authority Staff
website server 443 ssl good 'ssl_verify_client on' "ssl_client_certificate $tls/Staff.ca.pem"
