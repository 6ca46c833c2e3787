# The name is an alias of a name at a hosting company that is not there any more.
# target: https://shop.example.com/
# verdict: fail
# cause: dns.nodata fail proven gone.hosting.com
# says: correct the alias (CNAME) of shop.example.com in its zone
# healthy: healthy-https

website server 443 ssl good
recursive_resolver 198.51.100.54 'local-data: "shop.example.com. CNAME gone.hosting.com."'
nameservers 198.51.100.54
