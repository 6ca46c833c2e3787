# The intermediate CA may issue for example.net, and issued for example.com.
# target: https://www.example.com/
# verdict: fail
# cause: cert.ca-constraint fail proven
# healthy: healthy-name-constraint

website server 443 ssl outside-constraint
