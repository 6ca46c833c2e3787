# Our certificate is of a CA that the FTP server does not know.
# target: ftpes://files.example.com/
# flags: --cert /run/lab/tls/alice.pem --key /run/lab/tls/alice.key
# network: client-public
# verdict: fail
# cause: tls.client-cert-rejected fail proven
# healthy: healthy-client-cert-vsftpd

authority Staff
authority Guests
issue Guests alice
vsftpd server ssl_enable=YES allow_anon_ssl=YES require_cert=YES validate_cert=YES ca_certs_file=$tls/Staff.ca.pem
