# A server from the time of TLS 1.1, without any version that is in use.
# target: https://www.example.com/
# verdict: fail
# cause: tls.no-common-version fail proven
# healthy: healthy-https-s-server

s_server server 443 good -tls1_1 -cipher ALL:@SECLEVEL=0
