# OpenSSL's own server with -Verify.
# target: https://files6.example.com/
# verdict: fail
# cause: tls.client-cert-required fail proven
# healthy: healthy-https-s-server

authority Staff
s_server server 443 good -Verify 1 -CAfile $tls/Staff.ca.pem -verify_return_error
