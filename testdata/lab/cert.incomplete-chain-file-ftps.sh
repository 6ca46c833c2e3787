# The FTP server does not send the intermediate certificate, and a file of the user's has it.
# target: ftps://files.example.com/
# flags: --ca-file /run/lab/tls/root-and-intermediate.pem
# network: client-public
# verdict: fail
# cause: cert.incomplete-chain fail proven
# healthy: healthy-ftps-proftpd

proftpd server 'Port 990' "$(proftpd_tls leaf-alone)" 'TLSOptions UseImplicitSSL'
