# Neither family is served: one cause, not one for each address.
# target: ftp://files46.example.com/
# verdict: fail
# cause: tcp.refused fail proven
# healthy: healthy-dual-stack
