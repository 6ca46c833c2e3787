# The web site's certificate was signed with SHA-1.
# target: https://www.example.com/
# verdict: fail
# cause: cert.weak fail proven CN=files.example.com
# healthy: healthy-https

website server 443 ssl sha1-leaf 'ssl_ciphers DEFAULT@SECLEVEL=0'
