# The same with proftpd, which says "425 Unable to build data connection: Operation not permitted".
# target: ftpes://files.example.com/
# flags: --no-session-reuse --require both
# network: client-public
# verdict: fail
# cause: ftps.session-reuse-required fail proven
# healthy: healthy-no-session-reuse-proftpd

proftpd server "$(proftpd_tls good)"
