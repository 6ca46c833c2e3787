# A web site of a private CA sends all but the root, which is where the intermediate certificate says.
# target: https://www.example.com/
# flags: --fetch-issuers
# verdict: fail
# cause: cert.untrusted-root fail proven CN=Private Root
# healthy: healthy-private-root

pki
website server 443 ssl private-no-root
