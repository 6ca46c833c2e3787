# The directory in the target does not exist.
# target: ftp://files.example.com/outbox/
# network: client-public
# verdict: warn
# cause: ftp.path-not-found warn proven
# healthy: healthy-both-modes-proftpd

proftpd server
