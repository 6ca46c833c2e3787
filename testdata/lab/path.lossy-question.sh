# Some packets are lost on the line to the provider. The connection's own were not among them; the first questions to the resolver were.
# target: tcp://files.example.com:443
# verdict: warn
# cause: path.lossy warn likely
# check: tcp warn
# healthy: healthy-lossy-line-tcp

mangle cpe 'iifname lan udp dport 53 numgen inc mod 1000 < 10 drop'
loses tcp flags syn numgen inc mod 4 '==' 2
sshd server 443
