# The only root above the web site's certificate is one that this machine trusts, and has expired.
# target: https://www.example.com/
# flags: --ca-file /run/lab/tls/old-roots.pem
# verdict: fail
# cause: cert.intermediate-expired fail proven CN=Old Root
# healthy: healthy-cross-sign-of-expired-root

website server 443 ssl under-expired-root
