# Before it greets, the server asks the client's machine who its user is (RFC 1413), and the client's router drops the question.
# target: ftp://files.example.com/
# flags: --timeout 15s
# verdict: warn
# cause: ftp.banner-slow warn proven
# cause: ftp.active.blocked-by-nat info likely
# healthy: healthy-ident

proftpd server 'LoadModule mod_ident.c' 'IdentLookups on'
