# Names with fewer than five dots are tried with the suffixes first, and one of them has a wildcard: another server answers.
# target: tcp://files.example.com:21
# verdict: warn
# cause: dns.search-capture warn proven corp.example.net.
# healthy: healthy-search-list

configure server <<<'address add 203.0.113.20/24 dev eth0'
vsftpd server
resolver --address=/corp.example.net/203.0.113.20
printf '%s\n' 'search corp.example.net' 'options ndots:5' >>/etc/resolv.conf
