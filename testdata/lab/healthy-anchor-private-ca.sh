# A site with a certificate of the company's own CA, which the client trusts; the anchor has one of another.
# target: https://www.example.com/
# flags: --anchor www.example.net
# verdict: ok

configure server <<<'address add 203.0.113.20/24 dev eth0'
authority Company
authority Newcomer
trust Company
trust Newcomer
mapfile -t names < <(for_site www.example.com)
issue Company com "${names[@]}"
mapfile -t names < <(for_site www.example.net)
issue Newcomer net "${names[@]}"
balancing server 'listen com' 'mode http' "bind 203.0.113.10:443 ssl crt $tls/com.pem" 'http-request return status 204' \
	'listen net' 'mode http' "bind 203.0.113.20:443 ssl crt $tls/net.pem" 'http-request return status 204'
resolver --host-record=www.example.net,203.0.113.20
