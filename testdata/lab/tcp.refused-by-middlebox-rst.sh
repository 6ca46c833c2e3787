# The client's router refuses FTP by a RST in the server's name. It comes to SYNs that cannot have come as far as the server.
# target: ftp://203.0.113.10/
# flags: --trace-path
# verdict: fail
# cause: tcp.refused-by-middlebox fail proven 192.168.1.1 or 198.51.100.1
# check: path fail
# healthy: healthy-trace-path

vsftpd server
mangle cpe 'iifname lan tcp dport 21 reject with tcp reset'
