# A client that resumes no TLS session, and vsftpd does not mind.
# target: ftpes://files.example.com/
# flags: --no-session-reuse --require both
# network: client-public
# verdict: ok

vsftpd server ssl_enable=YES allow_anon_ssl=YES require_ssl_reuse=NO
