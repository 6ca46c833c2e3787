# The same with explicit TLS.
# target: ftpes://files.example.com/
# flags: --require both --passive-samples 16
# network: server-nat client-public
# verdict: ok

second_server
balance jhash ip saddr mod 2
for place in server server2; do
	vsftpd "$place" pasv_address=203.0.113.10 ssl_enable=YES allow_anon_ssl=YES
done
