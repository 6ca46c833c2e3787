# Every third command to an FTP server is lost: no further connections are made there, since its dialogues show it.
# target: ftp://files.example.com/
# flags: --passive-samples 8
# network: client-public
# verdict: warn
# cause: path.lossy warn proven 203.0.113.10:21
# check: ftp.control pass
# check: ftp.passive pass
# healthy: healthy-lossy-line-vsftpd

loses tcp dport 21 tcp flags '& psh == psh' numgen inc mod 3 '<' 1
vsftpd server
