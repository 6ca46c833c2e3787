# A typing error in the name. The company's own domain is on the search list, and has a wildcard.
# target: tcp://fiels.example.com:21
# verdict: warn
# cause: dns.search-capture warn proven
# healthy: healthy-search-list

vsftpd server
resolver --address=/corp.example.net/203.0.113.10
echo 'search corp.example.net' >>/etc/resolv.conf
