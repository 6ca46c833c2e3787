# The server itself ends a session in which no command came for three seconds, and says so.
# target: ftp://files.example.com/
# flags: --hold 5s
# network: client-public
# verdict: fail
# cause: ftp.control.idle-dropped fail likely
# healthy: healthy-hold

vsftpd server idle_session_timeout=3
