# A proftpd over a slow line: the survey takes its time.
# target: ftps://files.example.com/
# flags: --tls-survey
# network: client-public
# delay: access 50ms
# verdict: ok

proftpd server 'Port 990' "$(proftpd_tls good)" 'TLSOptions UseImplicitSSL'
