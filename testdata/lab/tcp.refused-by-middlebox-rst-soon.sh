# A device between the client's network and the server refuses by a RST in the server's name, and is slow to be told from one: the
# resolver takes a tenth of a second, the RST comes at once.
# target: ftp://files.example.com/
# delay: access 60ms
# verdict: fail
# cause: tcp.refused-by-middlebox fail proven 192.168.1.1 or 198.51.100.1
# healthy: healthy-vsftpd

vsftpd server
mangle cpe 'iifname lan tcp dport 21 reject with tcp reset'
