# The server asks the client's machine who its user is (RFC 1413), and that machine says that nobody answers there.
# target: ftp://files.example.com/
# flags: --require both
# network: client-public
# verdict: ok

proftpd server 'LoadModule mod_ident.c' 'IdentLookups on'
