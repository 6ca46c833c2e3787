# The hosts file has what DNS has.
# target: https://www.example.com/
# verdict: ok

website server 443 ssl good
echo '203.0.113.10 www.example.com www' >>/etc/hosts
