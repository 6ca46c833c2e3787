# The same with proftpd.
# target: ftpes://files.example.com/
# verdict: fail
# cause: tls.no-common-version fail proven
# healthy: healthy-ftpes-proftpd

proftpd server "$(proftpd_tls good)" 'TLSProtocol TLSv1.1' 'TLSCipherSuite ALL:@SECLEVEL=0'
