# A web site that signed its own certificate.
# target: https://www.example.com/
# verdict: fail
# cause: cert.self-signed fail proven
# healthy: healthy-https

website server 443 ssl self-signed
