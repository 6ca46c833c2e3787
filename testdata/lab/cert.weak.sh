# The key of the web site's certificate is RSA with 1024 bits.
# target: https://www.example.com/
# verdict: warn
# cause: cert.weak warn proven
# healthy: healthy-rsa

website server 443 ssl rsa1024 'ssl_ciphers DEFAULT@SECLEVEL=0'
