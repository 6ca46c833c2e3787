# A web site whose certificate is good for ten more days, and the user wants fifteen.
# target: https://www.example.com/
# flags: --cert-fail 15d
# verdict: fail
# cause: cert.expiring fail proven
# healthy: healthy-cert-warn

website server 443 ssl expiring
