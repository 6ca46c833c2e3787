# A web site of a private CA sends nothing but its own certificate; all above is to be had.
# target: https://www.example.com/
# flags: --fetch-issuers
# verdict: fail
# cause: cert.incomplete-chain fail proven
# cause: cert.untrusted-root fail proven CN=Private Root
# healthy: healthy-private-root

pki
website server 443 ssl private-alone
