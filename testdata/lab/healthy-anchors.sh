# The target and two other hosts answer, over both families.
# target: tcp://files46.example.com:21
# flags: --anchor anchor.example.net --anchor anchor.example.org:80 --anchor 192.0.2.88
# verdict: ok
# check: anchor pass

anchor_hosts
pureftpd server
