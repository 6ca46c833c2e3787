# A greeting of forty lines.
# target: ftp://files.example.com/
# network: client-public
# verdict: ok

printf 'Rule %s of this server: read all rules.\n' {1..40} >$run/greeting
vsftpd server banner_file=$run/greeting
