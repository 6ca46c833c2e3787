# The target is an address, and the certificate has names alone.
# target: https://203.0.113.10/
# verdict: fail
# cause: cert.name-mismatch fail proven
# healthy: healthy-https-address

website server 443 ssl no-address
