# A user with a password.
# target: ftp://alice@files.example.com/
# flags: --require both
# env: RUNG_PASSWORD=wonderland
# network: client-public
# verdict: ok

proftpd server
