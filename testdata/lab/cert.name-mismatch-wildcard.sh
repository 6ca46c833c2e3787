# A wildcard stands for one label, and the name has two.
# target: https://eu.files.example.com/
# verdict: fail
# cause: cert.name-mismatch fail proven
# healthy: healthy-wildcard

resolver --host-record=eu.files.example.com,203.0.113.10
website server 443 ssl wildcard
