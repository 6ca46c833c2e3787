# The client's cable is damaged: every eighth packet that comes in by it is.
# target: ftp://files.example.com/
# delay: lan 1ms 8
# network: client-public
# verdict: warn
# cause: link.errors warn proven eth0
# check: link warn
# healthy: healthy-cable

vsftpd server
