# A web site and a time server, both of this machine's time.
# target: https://www.example.com/
# flags: --ntp ntp.example.com
# verdict: ok

timeserver 0s
website server 443 ssl good
