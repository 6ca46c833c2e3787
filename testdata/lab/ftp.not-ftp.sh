# The port is that of an SSH server: SFTP is not FTP.
# target: ftp://files.example.com/
# verdict: fail
# cause: ftp.not-ftp fail proven
# healthy: healthy-vsftpd

sshd server 21
