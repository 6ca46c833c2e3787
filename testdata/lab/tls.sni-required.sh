# A web server with many names has no certificate for whoever says none, as with an address for a target.
# target: https://203.0.113.10/
# verdict: fail
# cause: tls.sni-required fail proven
# healthy: healthy-https-address

website server 443 ssl good "$(only_for www.example.com good)"
