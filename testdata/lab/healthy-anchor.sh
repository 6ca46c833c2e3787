# Two sites, and nobody between.
# target: https://www.example.com/
# flags: --anchor www.example.net
# verdict: ok

configure server <<<'address add 203.0.113.20/24 dev eth0'
authority Newcomer
trust Newcomer
mapfile -t names < <(for_site www.example.net)
issue Newcomer net "${names[@]}"
balancing server 'listen com' 'mode http' "bind 203.0.113.10:443 ssl crt $tls/good.pem" 'http-request return status 204' \
	'listen net' 'mode http' "bind 203.0.113.20:443 ssl crt $tls/net.pem" 'http-request return status 204'
resolver --host-record=www.example.net,203.0.113.20
