# There is one more intermediate certificate in the chain than the one above it allows.
# target: https://www.example.com/
# verdict: fail
# cause: cert.ca-constraint fail proven
# healthy: healthy-path-length

website server 443 ssl path-too-long
