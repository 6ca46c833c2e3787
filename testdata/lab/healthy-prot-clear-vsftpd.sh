# TLS for the control connection alone.
# target: ftpes://alice@files.example.com/
# flags: --prot clear --require both
# env: RUNG_PASSWORD=wonderland
# network: client-public
# verdict: ok

vsftpd server ssl_enable=YES force_local_data_ssl=NO
