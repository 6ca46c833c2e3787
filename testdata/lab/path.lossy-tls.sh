# The same in front of a web site. The handshake comes to its end.
# target: https://www.example.com/
# verdict: warn
# cause: path.lossy warn likely 203.0.113.10:443
# check: tls.handshake pass
# check: http pass
# healthy: healthy-https-lossy-line

loses tcp flags syn numgen inc mod 4 '<' 1
loses tcp flags '& syn == 0' numgen inc mod 5 '<' 1
website server 443 ssl good
