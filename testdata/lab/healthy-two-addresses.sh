# The name has two addresses of each family, and a service at each.
# target: https://www.example.com/
# verdict: ok

website server 443 ssl good
further_address 11
resolver --host-record=www.example.com,203.0.113.11,2001:db8:2::11 --host-record=www.example.com,203.0.113.10,2001:db8:2::10
