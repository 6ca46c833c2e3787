# A root that signed itself with SHA-1: nobody looks at the signature of a root that is trusted.
# target: https://www.example.com/
# flags: --ca-file /run/lab/tls/old-roots.pem
# verdict: ok

website server 443 ssl under-sha1-root 'ssl_ciphers DEFAULT@SECLEVEL=0'
