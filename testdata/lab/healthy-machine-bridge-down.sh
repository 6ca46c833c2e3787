# The client's own network: a container bridge without containers, and an interface that nobody uses.
# target: -
# verdict: ok

on client ip link add docker0 type bridge
on client ip address add 172.17.0.1/16 dev docker0
on client ip link set docker0 up
on client ip link add eth1 type veth peer name far1
