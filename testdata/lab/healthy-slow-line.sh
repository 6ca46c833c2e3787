# A satellite: every round trip takes 300 ms, to the resolver as well. Slow is not broken.
# target: ftp://files.example.com/
# flags: --require both
# network: client-public
# delay: access 150ms
# verdict: ok

vsftpd server
