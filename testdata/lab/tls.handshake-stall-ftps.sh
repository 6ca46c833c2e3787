# Implicit TLS, and a server that hangs.
# target: ftps://files.example.com/
# flags: --timeout 3s
# network: client-public
# verdict: fail
# cause: tls.handshake-stall fail proven
# healthy: healthy-ftps-proftpd

proftpd server 'Port 990' "$(proftpd_tls good)" 'TLSOptions UseImplicitSSL'
await
kill -STOP $!
