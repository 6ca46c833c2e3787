# The same over IPv6.
# target: tcp://[2001:db8:2::10]:443
# verdict: warn
# cause: path.lossy warn likely [2001:db8:2::10]:443
# healthy: healthy-lossy-line-tcp

loses tcp flags syn numgen inc mod 4 '<' 1
loses tcp flags '& syn == 0' numgen inc mod 5 '<' 1
sshd server 443
