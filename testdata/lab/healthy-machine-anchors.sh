# This machine alone, and two hosts that answer.
# target: -
# flags: --anchor anchor.example.net --anchor anchor.example.org:80
# verdict: ok

anchor_hosts
