# The client looks for other hosts with its address before it uses it, and there are other hosts, none of which has it.
# target: tcp://files6.example.com:21
# verdict: ok
# check: link pass

vsftpd6 server
neighbour twin 2001:db8:1::11/64
detect_duplicates 2001:db8:1::10
