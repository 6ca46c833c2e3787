# The name service switch leads to the hosts file alone: the resolver has the name, and no program asks it.
# target: https://www.example.com/
# verdict: fail
# cause: dns.no-resolver fail proven nsswitch.conf
# check: dns fail
# healthy: healthy-content-network

website server 443 ssl good
echo 'hosts: files' >/etc/nsswitch.conf
