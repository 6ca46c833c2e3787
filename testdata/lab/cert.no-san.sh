# A certificate of the old kind: its subject has the name, and there is no subject alternative name.
# target: https://www.example.com/
# verdict: fail
# cause: cert.no-san fail proven
# healthy: healthy-https

website server 443 ssl no-san
