# A tunnel on the way, whose routers say nothing of what fits through it, but clamp the segment size.
# target: https://files46.example.com/
# verdict: ok

rsa_certificate {a..z}.files.example.com
narrow 1400 isp edge
mute isp edge
clamp isp
clamp edge
website server 443 ssl rsa
