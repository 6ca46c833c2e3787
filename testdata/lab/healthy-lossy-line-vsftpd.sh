# A line that loses one packet in a hundred.
# target: ftp://files.example.com/
# flags: --require both --passive-samples 16
# network: client-public
# verdict: ok

lossy
vsftpd server
