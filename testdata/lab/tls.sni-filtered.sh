# The provider drops what follows a ClientHello with this name.
# target: https://www.example.com/
# flags: --timeout 3s
# verdict: fail
# cause: tls.sni-filtered fail proven
# healthy: healthy-https-censored

censor drop www.example.com
website server 443 ssl good
