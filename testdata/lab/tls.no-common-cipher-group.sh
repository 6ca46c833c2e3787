# The server knows no group for the key exchange that browsers offer: X448 alone.
# target: https://www.example.com/
# verdict: fail
# cause: tls.no-common-cipher fail proven
# healthy: healthy-https-s-server

s_server server 443 good -groups X448
