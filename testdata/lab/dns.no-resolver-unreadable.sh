# Whoever wrote resolv.conf had a strict umask: only root may read which resolvers there are.
# target: https://www.example.com/
# verdict: fail
# cause: dns.no-resolver fail proven /etc/resolv.conf
# says: could not be read
# says: that every user may read
# healthy: healthy-https

website server 443 ssl good
chmod 600 /etc/resolv.conf
