# PROT P is accepted, and a gateway in front of the data ports takes the TLS off: listings come as plain text.
# target: ftpes://files.example.com/
# network: client-public
# verdict: fail
# cause: ftps.data-not-tls fail proven
# healthy: healthy-data-balancer

intercept
gateway=()
for port in {50000..50003}; do
	gateway+=("[$port]" 'client = yes' "accept = 0.0.0.0:$port" "connect = 203.0.113.10:$port")
done
stunnel edge "${gateway[@]}"
vsftpd server ssl_enable=YES allow_anon_ssl=YES require_ssl_reuse=NO pasv_promiscuous=YES pasv_min_port=50000 pasv_max_port=50003
