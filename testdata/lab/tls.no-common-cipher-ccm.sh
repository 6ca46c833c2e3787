# TLS 1.3 and of its suites the one with CCM, made for small devices.
# target: https://www.example.com/
# verdict: fail
# cause: tls.no-common-cipher fail proven
# healthy: healthy-https-s-server

s_server server 443 good -tls1_3 -ciphersuites TLS_AES_128_CCM_SHA256
