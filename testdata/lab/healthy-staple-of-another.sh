# The web site staples what the authority says of another certificate, which was revoked.
# target: https://www.example.com/
# verdict: ok

stapled revoked >/dev/null
website server 443 ssl good "ssl_stapling on; ssl_stapling_file $tls/revoked.ocsp"
