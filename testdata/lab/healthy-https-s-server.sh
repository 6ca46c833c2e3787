# OpenSSL's own test server.
# target: https://www.example.com/
# verdict: ok

s_server server 443 good
