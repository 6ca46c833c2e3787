# A program on the client has so many connections to the server that there is no port left for another.
# target: tcp://203.0.113.10:443
# verdict: fail
# cause: tcp.ports-exhausted fail proven
# healthy: healthy-few-ports

website server 443
few_ports 8
connections 8 203.0.113.10 443
