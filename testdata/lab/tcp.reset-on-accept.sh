# proftpd runs as many processes as it may: it accepts the next connection and closes it.
# target: ftp://files.example.com/
# network: client-public
# verdict: fail
# cause: tcp.reset-on-accept fail proven
# healthy: healthy-both-modes-proftpd

proftpd server 'MaxInstances 1'
await
occupy 203.0.113.10
