# A server that still accepts TLS 1.0, beside all that came later.
# target: https://www.example.com/
# flags: --tls-survey
# verdict: ok

s_server server 443 good -min_protocol TLSv1 -cipher ALL:@SECLEVEL=0 -groups P-256:X25519:P-521
