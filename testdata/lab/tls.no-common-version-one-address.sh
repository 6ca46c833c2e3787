# The name has two addresses: the newer server, and the one that was to be switched off long ago.
# target: https://www.example.com/
# flags: --all-addresses
# verdict: warn
# cause: tls.no-common-version warn proven 203.0.113.20:443
# healthy: healthy-https-haproxy

configure server <<<'address add 203.0.113.20/24 dev eth0'
balancing server 'listen new' 'mode http' "bind 203.0.113.10:443 ssl crt $tls/good.pem" 'http-request return status 204' \
	'listen old' 'mode http' "bind 203.0.113.20:443 ssl crt $tls/good.pem ssl-min-ver TLSv1.0 ssl-max-ver TLSv1.1 ciphers ALL:@SECLEVEL=0" \
	'http-request return status 204'
resolver --host-record=www.example.com,203.0.113.20
