# The certificate that a distribution's package made years ago: signed by itself, for localhost, expired, with RSA of 1024 bits.
# target: https://www.example.com/
# verdict: fail
# cause: cert.self-signed fail proven
# cause: cert.name-mismatch fail proven
# cause: cert.expired fail likely
# cause: cert.weak warn proven
# healthy: healthy-https

website server 443 ssl self-signed-localhost 'ssl_ciphers DEFAULT@SECLEVEL=0'
