# Two faults: a forgotten line of the hosts file leads to the old address, and the firewall lets nobody there any more.
# target: https://www.example.com/
# flags: --timeout 4s
# verdict: fail
# cause: dns.hosts-override info proven
# cause: tcp.filtered fail proven
# healthy: healthy-hosts-file

configure server <<<'address add 203.0.113.20/24 dev eth0'
website server 443 ssl good
on edge nft insert rule inet firewall forward ip daddr 203.0.113.20 tcp dport 443 drop
echo '203.0.113.20 www.example.com' >>/etc/hosts
