# The web site staples the authority's word that its certificate is good.
# target: https://www.example.com/
# verdict: ok

website server 443 ssl good "$(stapled good)"
