# Nothing listens on the port, and the way was traced: the server itself refuses, from where its other ports answer.
# target: ftp://203.0.113.10/
# flags: --trace-path
# verdict: fail
# cause: tcp.refused fail proven
# check: path pass
# healthy: healthy-trace-path

website server 443 ssl good
