# The web server hangs: the kernel still accepts connections for it, and acknowledges what comes.
# target: https://www.example.com/
# flags: --timeout 3s
# verdict: fail
# cause: tls.handshake-stall fail proven
# healthy: healthy-https

website server 443 ssl good
await
kill -STOP $!
