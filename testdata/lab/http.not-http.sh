# http:// at the port of an FTP server.
# target: http://files.example.com:21/
# verdict: fail
# cause: http.not-http fail proven
# healthy: healthy-http

proftpd server
