# The key of the web site's certificate may encipher keys, and may not sign: no suite of today does the former.
# target: https://www.example.com/
# verdict: fail
# cause: cert.wrong-usage fail proven
# healthy: healthy-rsa

website server 443 ssl rsa2048-encipherment
