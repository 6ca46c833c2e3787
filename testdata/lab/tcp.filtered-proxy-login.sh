# The proxy wants a login that the environment does not have: whether it leads there is not known.
# target: https://www.example.com/
# flags: --timeout 4s
# env: HTTPS_PROXY=http://192.168.1.1:3128
# verdict: fail
# cause: tcp.filtered fail proven
# check: proxy skip
# healthy: healthy-proxy-not-needed

website server 443 ssl good
proxy cpe 192.168.1.1 'BasicAuth someone secret'
behind_proxy meta l4proto tcp drop
