# Every round trip takes 600 ms, steadily. That is a long way, and no fault.
# target: https://www.example.com/
# network: client-public
# delay: access 300ms
# verdict: ok

website server 443 ssl good
