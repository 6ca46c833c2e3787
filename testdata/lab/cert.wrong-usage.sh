# The web site's certificate is one for clients.
# target: https://www.example.com/
# verdict: fail
# cause: cert.wrong-usage fail proven
# healthy: healthy-https

website server 443 ssl for-clients
