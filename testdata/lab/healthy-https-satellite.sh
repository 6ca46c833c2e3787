# A web site at the end of a line with a round trip of 1.2 seconds: every SYN is sent twice, and nothing is wrong.
# target: https://www.example.com/
# delay: access 600ms
# verdict: ok

offloader server "crt $tls/good.pem"
