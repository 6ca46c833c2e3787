# The intermediate certificate that the web site sends has expired; its own has not.
# target: https://www.example.com/
# verdict: fail
# cause: cert.intermediate-expired fail proven CN=Lab Intermediate 2
# healthy: healthy-https

website server 443 ssl expired-intermediate
