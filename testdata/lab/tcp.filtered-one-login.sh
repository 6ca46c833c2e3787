# Three anchors send their visitors to one login, which is no portal: the SYNs for the target come to its own firewall.
# target: tcp://files.example.com:21
# flags: --anchor anchor.example.net:80 --anchor anchor.example.org:80 --anchor ocsp.example.com:80 --timeout 3s
# verdict: fail
# cause: tcp.filtered fail proven
# cause: path.captive-portal info likely login.identity.com
# healthy: healthy-anchors-one-login

for address in 198.51.100.88/32 192.0.2.88/32 198.51.100.80/32; do
	on isp ip address add $address dev lo
done
website isp 80 'return 302 https://login.identity.com/authorize?session=secret'
vsftpd server
on edge nft delete element inet firewall open '{ 21 }'
