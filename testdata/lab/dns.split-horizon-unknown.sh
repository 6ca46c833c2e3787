# The name is for the inside alone. The first resolver is a public one: it says that there is no such name, and is believed.
# target: tcp://intranet.example.com:22
# verdict: fail
# cause: dns.split-horizon fail proven 198.51.100.53
# check: dns fail
# check: tcp 192.168.1.1 pass
# healthy: healthy-resolver-of-the-inside

further_resolver 198.51.100.54 --host-record=intranet.example.com,192.168.1.1
nameservers 198.51.100.53 198.51.100.54
sshd cpe 22
