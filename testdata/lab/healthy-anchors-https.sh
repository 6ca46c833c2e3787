# The target and two sites, one of which sends its visitors to HTTPS.
# target: https://www.example.com/
# flags: --anchor anchor.example.net:80 --anchor anchor.example.org:80
# verdict: ok

for address in 198.51.100.88/32 192.0.2.88/32; do
	on isp ip address add $address dev lo
done
website isp 80 'return 301 https://www.$host/'
website server 443 ssl good
