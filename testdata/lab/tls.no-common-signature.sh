# Versions, suites and groups are those of today; the server's key is of a kind that clients do not know (Ed448).
# target: https://www.example.com/
# verdict: fail
# cause: tls.no-common-signature fail proven
# healthy: healthy-https-s-server

mapfile -t names < <(for_site www.example.com)
authority Academy
trust Academy
printf '%s\n' '[req]' 'distinguished_name = name' '[name]' >"$run/own.cnf"
openssl req -x509 -config "$run/own.cnf" -nodes -newkey ed448 -keyout "$tls/own.key" -out "$tls/own.pem" -days 30 \
	-CA "$tls/Academy.ca.pem" -CAkey "$tls/Academy.ca.key" -subj /CN=own "${names[@]}" >>"$run/log/openssl" 2>&1
start server s_server openssl s_server -www -accept 443 -cert "$tls/own.pem" -key "$tls/own.key"
listening server 443
