# A server that speaks with one client at a time, and a client that says nothing to it.
# target: https://www.example.com/
# flags: --timeout 3s
# verdict: fail
# cause: tls.handshake-stall fail proven
# healthy: healthy-https-s-server

s_server server 443 good
await
on server bash -c 'exec {idle}<>/dev/tcp/127.0.0.1/443; read -ru $idle' &
until [[ $(on server ss -Htn state established sport = :443) ]]; do sleep 0.005; done
