# A tunnel on the way, and routers that say what fits through it.
# target: https://files46.example.com/
# verdict: ok

rsa_certificate {a..z}.files.example.com
narrow 1400 isp edge
website server 443 ssl rsa
