# The name leads to this web server, which was never told of it. Without a name it refuses, too.
# target: https://www.example.com/
# verdict: fail
# cause: tls.sni-unknown fail proven
# healthy: healthy-https-one-name

website server 443 ssl good "$(only_for shop.example.com good)"
