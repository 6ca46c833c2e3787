# vsftpd's only passive port is another program's: "500 OOPS: vsf_sysutil_bind", in plain text, into TLS.
# target: ftpes://files.example.com/
# network: client-public
# verdict: fail
# cause: ftp.server-misconfigured fail proven
# healthy: healthy-ftpes-vsftpd

sshd server 50000
vsftpd server ssl_enable=YES allow_anon_ssl=YES pasv_min_port=50000 pasv_max_port=50000
