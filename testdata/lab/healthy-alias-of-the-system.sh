# The name is an alias that the C library knows, and neither the hosts file nor DNS: the system's own way is what counts.
# target: tcp://filer:21
# env: HOSTALIASES=/run/lab/aliases
# check: dns pass
# verdict: ok

vsftpd server
echo 'filer files.example.com' >"$run/aliases"
chmod a+r "$run/aliases"
