# Both families work.
# target: ftp://files46.example.com/
# flags: --require both
# network: client-public
# verdict: ok

pureftpd server
