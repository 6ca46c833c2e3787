# A name with an umlaut, and a certificate for it.
# target: https://bücher.example.com/
# verdict: ok

resolver --host-record=xn--bcher-kva.example.com,203.0.113.10
website server 443 ssl umlaut
