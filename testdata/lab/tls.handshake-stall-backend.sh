# The server behind a balancer that forwards TCP hangs.
# target: tls://files.example.com:443
# flags: --timeout 3s
# verdict: fail
# cause: tls.handshake-stall fail proven
# healthy: healthy-tls

website server 8443 ssl good
await
kill -STOP $!
balancing server 'listen site' 'bind :::443 v4v6' 'server one 127.0.0.1:8443'
