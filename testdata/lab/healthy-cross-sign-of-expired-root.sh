# The older of two roots has expired, and this machine trusts both: there is another path.
# target: https://www.example.com/
# flags: --ca-file /run/lab/tls/old-roots.pem
# verdict: ok

website server 443 ssl cross-of-an-expired
