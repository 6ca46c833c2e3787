# The provider resets both sides of a connection whose ClientHello has this name.
# target: https://www.example.com/
# verdict: fail
# cause: tls.sni-filtered fail proven
# healthy: healthy-https-censored

censor reset www.example.com
website server 443 ssl good
