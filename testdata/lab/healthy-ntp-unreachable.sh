# A web site of this machine's time; nothing is at the address of the time server.
# target: https://www.example.com/
# flags: --ntp ntp.example.com --timeout 3s
# verdict: ok

website server 443 ssl good
