# The same with proftpd, which reads the whole directory before the first byte.
# target: ftp://files.example.com/
# flags: --require both --timeout 25s
# network: client-public
# verdict: ok

seq --format="$ftp/measurement-%06.0f.csv" 100000 | xargs touch
proftpd server
