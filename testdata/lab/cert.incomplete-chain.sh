# A web site that does not send the intermediate certificate.
# target: https://www.example.com/
# verdict: fail
# cause: cert.incomplete-chain fail likely
# healthy: healthy-https

website server 443 ssl leaf-alone
