# A web site at the end of a line that loses packets.
# target: https://www.example.com/
# verdict: ok

lossy
website server 443 ssl good
