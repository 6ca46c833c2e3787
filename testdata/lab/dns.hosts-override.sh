# A line of the hosts file was forgotten when the server moved. There is a server at the old address, still.
# target: https://www.example.com/
# verdict: ok
# cause: dns.hosts-override info proven
# healthy: healthy-hosts-file

configure server <<<'address add 203.0.113.20/24 dev eth0'
website server 443 ssl good
echo '203.0.113.20 www.example.com' >>/etc/hosts
