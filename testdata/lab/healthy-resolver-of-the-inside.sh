# The name is for the inside alone, and the resolver that knows it is the only one.
# target: tcp://intranet.example.com:22
# verdict: ok

further_resolver 198.51.100.54 --host-record=intranet.example.com,192.168.1.1
nameservers 198.51.100.54
sshd cpe 22
