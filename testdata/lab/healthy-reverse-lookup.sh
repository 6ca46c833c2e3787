# Before it greets, the server asks for the client's name, and is told that there is none.
# target: ftp://files.example.com/
# flags: --require both
# network: client-public
# verdict: ok

proftpd server 'UseReverseDNS on'
