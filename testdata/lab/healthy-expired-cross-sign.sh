# A web site still sends the expired certificate by which an older root once vouched for the root of today.
# target: https://www.example.com/
# verdict: ok

website server 443 ssl expired-cross
