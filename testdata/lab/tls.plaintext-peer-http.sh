# https:// at a port that speaks plain HTTP.
# target: https://www.example.com/
# verdict: fail
# cause: tls.plaintext-peer fail proven
# healthy: healthy-https

website server 443
