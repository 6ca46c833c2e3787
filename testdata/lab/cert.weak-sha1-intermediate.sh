# The intermediate certificate was signed with SHA-1.
# target: https://www.example.com/
# verdict: fail
# cause: cert.weak fail proven CN=SHA-1 Intermediate
# healthy: healthy-sha1-root

website server 443 ssl sha1-intermediate 'ssl_ciphers DEFAULT@SECLEVEL=0'
