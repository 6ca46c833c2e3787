# A load balancer ends the TLS of data connections, with the server's certificate.
# target: ftpes://files.example.com/
# flags: --require both
# network: client-public
# verdict: ok

balancer good
vsftpd server ssl_enable=YES allow_anon_ssl=YES require_ssl_reuse=NO pasv_promiscuous=YES pasv_min_port=50000 pasv_max_port=50003
