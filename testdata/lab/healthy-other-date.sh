# The web server's Date is three days off, all is valid at either time, and nothing says whose clock is wrong.
# target: https://www.example.com/
# verdict: ok

at +3d website server 443 ssl good
