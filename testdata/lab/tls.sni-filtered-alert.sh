# The provider sends the alert handshake_failure in the name of the server, and ends the connection.
# target: https://www.example.com/
# verdict: fail
# cause: tls.sni-filtered fail likely
# healthy: healthy-https-censored

censor alert www.example.com
website server 443 ssl good
