# The name's answer is too long for UDP, and comes over TCP.
# target: ftp://long.example.com/
# verdict: ok
# cause: ftp.active.private-address info proven

vsftpd server
mapfile -t long < <(long_name long.example.com)
resolver "${long[@]}"
