# Two resolvers, and the content network gives each of them another address: that is how it shares its load.
# target: https://www.example.com/
# verdict: ok

configure server <<<'address add 203.0.113.20/24 dev eth0'
website server 443 ssl good
further_resolver 198.51.100.54 --host-record=www.example.com,203.0.113.20
nameservers 198.51.100.53 198.51.100.54
