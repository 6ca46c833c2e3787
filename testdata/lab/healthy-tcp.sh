# A service that rung knows nothing of: the connection is enough.
# target: tcp://files.example.com:443
# verdict: ok

sshd server 443
