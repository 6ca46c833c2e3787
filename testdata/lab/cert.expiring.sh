# A web site whose certificate is good for ten more days.
# target: https://www.example.com/
# verdict: warn
# cause: cert.expiring warn proven
# healthy: healthy-cert-warn

website server 443 ssl expiring
