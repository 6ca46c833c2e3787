# The same listing through the same tunnel, whose routers say what fits through it.
# target: ftp://files.example.com/
# network: client-public
# verdict: ok

for i in {1..60}; do : >"$ftp/the-minutes-of-the-meeting-of-the-committee-of-the-year-$((1960 + i)).txt"; done
narrow 1400 edge
vsftpd server
