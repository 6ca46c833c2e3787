# A web server that asks for a certificate, of one of many CAs, and goes on without.
# target: https://www.example.com/
# verdict: ok

for name in Staff Guests Partners Suppliers; do
	authority "$name"
	cat "$tls/$name.ca.pem"
done >$tls/all.pem
website server 443 ssl good 'ssl_verify_client optional' "ssl_client_certificate $tls/all.pem"
