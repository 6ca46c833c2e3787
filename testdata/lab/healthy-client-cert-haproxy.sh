# A site for the staff, and we are.
# target: https://www.example.com/
# flags: --cert /run/lab/tls/alice.pem --key /run/lab/tls/alice.key
# verdict: ok

authority Staff
issue Staff alice -addext extendedKeyUsage=clientAuth
offloader server "crt $tls/good.pem ca-file $tls/Staff.ca.pem verify required"
