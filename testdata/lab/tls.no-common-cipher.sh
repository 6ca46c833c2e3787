# A web site that takes Camellia only.
# target: https://www.example.com/
# verdict: fail
# cause: tls.no-common-cipher fail proven
# healthy: healthy-https

website server 443 ssl good 'ssl_protocols TLSv1.2' 'ssl_ciphers ECDHE-ECDSA-CAMELLIA256-SHA384'
