# The certificate is a good one for another name, and two anchors send their visitors to one login.
# target: https://www.example.com/
# flags: --anchor anchor.example.net:80 --anchor anchor.example.org:80
# verdict: fail
# cause: cert.name-mismatch fail proven
# cause: path.captive-portal info likely login.identity.com
# check: tls.certificate fail
# healthy: healthy-anchors-one-login

for address in 198.51.100.88/32 192.0.2.88/32 198.51.100.80/32; do
	on isp ip address add $address dev lo
done
website isp 80 'return 302 https://login.identity.com/authorize?session=secret'
authority Some
mapfile -t names < <(for_site wrong.example.org)
issue Some wrong "${names[@]}"
trust Some
website server 443 ssl wrong
