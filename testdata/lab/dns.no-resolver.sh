# The client knows no resolver.
# target: ftp://files.example.com/
# verdict: fail
# cause: dns.no-resolver fail proven
# healthy: healthy-vsftpd

vsftpd server
echo '# nothing is configured' >/etc/resolv.conf
