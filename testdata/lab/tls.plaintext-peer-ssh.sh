# tls:// at the port of an SSH server.
# target: tls://files.example.com:443
# verdict: fail
# cause: tls.plaintext-peer fail proven
# healthy: healthy-tls

sshd server 443
