# A web server from long ago: TLS 1.0 is all it speaks.
# target: https://www.example.com/
# verdict: fail
# cause: tls.no-common-version fail proven
# healthy: healthy-https

website server 443 ssl good 'ssl_protocols TLSv1' 'ssl_ciphers ALL:@SECLEVEL=0'
