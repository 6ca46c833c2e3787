# Two faults: the certificate is for another name, and one for clients.
# target: https://www.example.com/
# verdict: fail
# cause: cert.name-mismatch fail proven
# cause: cert.wrong-usage fail proven
# healthy: healthy-https

website server 443 ssl other-name-for-clients
