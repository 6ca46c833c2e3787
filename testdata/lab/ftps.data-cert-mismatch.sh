# A load balancer ends the TLS of data connections, with a certificate that is not the control connection's.
# target: ftpes://files.example.com/
# network: client-public
# verdict: warn
# cause: ftps.data-cert-mismatch warn proven
# healthy: healthy-data-balancer

balancer other-name
vsftpd server ssl_enable=YES allow_anon_ssl=YES require_ssl_reuse=NO pasv_promiscuous=YES pasv_min_port=50000 pasv_max_port=50003
