# A proxy on the way ends every TLS connection and begins it anew, with certificates of a CA that was installed on the client.
# target: https://www.example.com/
# flags: --anchor www.example.net
# verdict: warn
# cause: tls.intercepted warn proven
# healthy: healthy-anchor

configure server <<<'address add 203.0.113.20/24 dev eth0'
authority Inspection
trust Inspection
mapfile -t names < <(for_site www.example.com)
issue Inspection com "${names[@]}"
mapfile -t names < <(for_site www.example.net)
issue Inspection net "${names[@]}"
website server 443 ssl good
on isp nft --file - <<-'END'
	table inet inspection {
		chain prerouting {
			type nat hook prerouting priority dstnat
			iifname access tcp dport 443 redirect
		}
	}
END
balancing isp 'listen inspection' 'mode http' "bind :::443 v4v6 ssl crt $tls/com.pem crt $tls/net.pem" \
	'use-server net if { ssl_fc_sni -i www.example.net }' \
	'server com 203.0.113.10:443 ssl verify none' 'server net 203.0.113.20:443 ssl verify none'
resolver --host-record=www.example.net,203.0.113.20
