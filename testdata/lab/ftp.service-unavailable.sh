# The server's list of hosts does not admit the client: 421 in place of a greeting.
# target: ftp://files.example.com/
# network: client-public
# verdict: fail
# cause: ftp.service-unavailable fail proven
# healthy: healthy-both-modes-vsftpd

echo 'vsftpd: ALL' >/etc/hosts.deny
vsftpd server tcp_wrappers=YES
