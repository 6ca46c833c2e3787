# The server protects the control connection and refuses to protect data connections.
# target: ftpes://files.example.com/
# network: client-public
# verdict: fail
# cause: ftps.prot-refused fail proven
# healthy: healthy-ftpes-proftpd

proftpd server "$(proftpd_tls good)" 'TLSRequired ctrl+!data'
