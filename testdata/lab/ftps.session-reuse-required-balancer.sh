# vsftpd wants TLS sessions resumed, and a load balancer that ends the TLS of data connections alone makes that impossible.
# target: ftpes://files.example.com/
# network: client-public
# verdict: fail
# cause: ftps.session-reuse-required fail likely
# healthy: healthy-data-balancer

balancer good
vsftpd server ssl_enable=YES allow_anon_ssl=YES pasv_promiscuous=YES pasv_min_port=50000 pasv_max_port=50003
