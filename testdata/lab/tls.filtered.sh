# The provider drops whatever looks like TLS, whatever it asks for.
# target: https://www.example.com/
# flags: --timeout 3s
# verdict: fail
# cause: tls.filtered fail proven
# healthy: healthy-https

mangle isp 'iifname access tcp dport 443 @ih,0,8 0x16 drop'
website server 443 ssl good
