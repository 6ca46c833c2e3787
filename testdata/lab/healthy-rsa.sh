# A certificate with a key of RSA 2048, which may sign and encipher keys.
# target: https://www.example.com/
# verdict: ok

website server 443 ssl rsa2048
