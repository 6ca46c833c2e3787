# The system looks names up by multicast too, as desktops do; the library for that is not installed.
# target: https://www.example.com/
# verdict: ok

website server 443 ssl good
echo 'hosts: files mdns4_minimal [NOTFOUND=return] dns myhostname' >/etc/nsswitch.conf
