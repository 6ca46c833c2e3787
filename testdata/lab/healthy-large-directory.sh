# A directory of 100,000 entries.
# target: ftp://files.example.com/
# flags: --require both --timeout 25s
# network: client-public
# verdict: ok

seq --format="$ftp/measurement-%06.0f.csv" 100000 | xargs touch
vsftpd server
