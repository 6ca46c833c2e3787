# The provider loses every fourth packet that begins a connection, and every fifth of the others, in whatever direction. Everything comes
# through, some of it at the second try.
# target: tcp://203.0.113.10:443
# verdict: warn
# cause: path.lossy warn likely 203.0.113.10:443
# check: tcp warn
# healthy: healthy-lossy-line-tcp

loses tcp flags syn numgen inc mod 4 '<' 1
loses tcp flags '& syn == 0' numgen inc mod 5 '<' 1
sshd server 443
