# A drop box again: the directory may be entered and not be read. vsftpd says "226 Transfer done (but failed to open directory)".
# target: ftp://files.example.com/
# flags: --require both
# network: client-public
# verdict: ok

chmod 0311 $ftp
vsftpd server
