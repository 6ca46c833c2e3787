# Before it greets, the server asks for the client's name, which its access list may bar, and is told that there is none.
# target: ftp://files.example.com/
# flags: --require both
# network: client-public
# verdict: ok

echo 'vsftpd: .example.net' >/etc/hosts.deny
vsftpd server tcp_wrappers=YES
