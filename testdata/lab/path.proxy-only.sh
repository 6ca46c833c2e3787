# The company's firewall drops what does not come from its proxy. Names resolve.
# target: https://www.example.com/
# flags: --timeout 4s
# env: HTTPS_PROXY=http://192.168.1.1:3128
# verdict: warn
# cause: path.proxy-only warn proven http://192.168.1.1:3128
# check: proxy pass
# check: tcp fail
# healthy: healthy-proxy-not-needed

website server 443 ssl good
proxy cpe 192.168.1.1
behind_proxy meta l4proto tcp drop
