# A web server that refuses every name but ours.
# target: https://www.example.com/
# verdict: ok

website server 443 ssl good "$(only_for www.example.com good)"
