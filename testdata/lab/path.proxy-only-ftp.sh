# The proxy leads to the control port of FTP. That is not enough.
# target: ftp://files.example.com/
# flags: --timeout 4s
# env: HTTPS_PROXY=http://192.168.1.1:3128
# verdict: fail
# cause: path.proxy-only fail proven
# healthy: healthy-proxy-not-needed

vsftpd server
proxy cpe 192.168.1.1
behind_proxy meta l4proto tcp drop
