# All that a web server would accept.
# target: https://files46.example.com/
# flags: --tls-survey
# verdict: ok

website server 443 ssl good
