# A public resolver is configured beside the company's, as a reserve: one knows the public address, the other the private one.
# target: https://www.example.com/
# verdict: warn
# cause: dns.split-horizon warn proven
# healthy: healthy-content-network

website server 443 ssl good
further_resolver 198.51.100.54 --host-record=www.example.com,10.20.30.40
nameservers 198.51.100.53 198.51.100.54
