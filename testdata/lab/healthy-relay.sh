# A container's ports are published by a program that accepts connections and makes its own to the container. Active mode cannot
# work behind it, and nobody needs it.
# target: ftp://files.example.com/
# network: server-nat client-public
# verdict: ok
# cause: ftp.active.peer-mismatch info proven

relay_at_edge 'server container 10.88.1.2'
pureftpd server --forcepassiveip=203.0.113.10
