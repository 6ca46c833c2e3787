# A server's certificate signed the web site's: it is no CA.
# target: https://www.example.com/
# verdict: fail
# cause: cert.ca-constraint fail proven
# healthy: healthy-two-intermediates

website server 443 ssl by-no-authority
