# A provider that reads every ClientHello, and does not mind this one.
# target: https://www.example.com/
# verdict: ok

censor drop blocked.example.com
website server 443 ssl good
