# The network has no default route: whoever wants to get out asks the proxy.
# target: https://www.example.com/
# flags: --timeout 4s
# env: HTTPS_PROXY=http://192.168.1.1:3128
# verdict: warn
# cause: path.proxy-only warn proven
# check: route fail
# healthy: healthy-proxy-not-needed

website server 443 ssl good
proxy cpe 192.168.1.1
on client ip route delete default
on client ip -6 route delete default
