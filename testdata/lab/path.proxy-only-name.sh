# The same, and names do not resolve, either: the proxy does that by itself. The proxy wants a login.
# target: https://www.example.com/
# flags: --timeout 4s
# env: https_proxy=http://someone:secret@192.168.1.1:3128
# verdict: warn
# cause: path.proxy-only warn proven http://192.168.1.1:3128
# check: dns fail
# healthy: healthy-proxy-not-needed

website server 443 ssl good
proxy cpe 192.168.1.1 'BasicAuth someone secret'
behind_proxy
