# The web site's answer comes from a cache and bears the Date of yesterday.
# target: https://www.example.com/
# flags: --ntp ntp.example.com
# verdict: ok

timeserver 0s
at -1d website server 443 ssl good 'add_header Age 86400'
