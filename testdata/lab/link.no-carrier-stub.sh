# The cable is out, and the resolver is a stub on the client itself, which answers SERVFAIL: not DNS is to blame.
# target: ftp://files.example.com/
# flags: --timeout 5s
# verdict: fail
# cause: link.no-carrier fail proven eth0
# healthy: healthy-stub-resolver

stub
on cpe ip link set lan down
