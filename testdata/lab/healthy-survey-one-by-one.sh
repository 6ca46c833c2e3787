# A server that serves one connection after the other is surveyed in the same way.
# target: tls://www.example.com:443
# flags: --tls-survey
# verdict: ok

s_server server 443 good
