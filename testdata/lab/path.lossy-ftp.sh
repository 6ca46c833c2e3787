# The same in front of an FTP server: no further connections are made there, since its dialogues show it.
# target: ftp://files.example.com/
# network: client-public
# verdict: warn
# cause: path.lossy warn proven 203.0.113.10:21
# check: ftp.control pass
# check: ftp.passive pass
# healthy: healthy-lossy-line-vsftpd

loses tcp dport 21 numgen inc mod 4 '<' 1
loses tcp sport 21 numgen inc mod 5 '<' 1
vsftpd server
