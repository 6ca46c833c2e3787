# A load balancer sends every connection to one of two servers as chance has it: half of the data connections reach the one that
# knows nothing of the session, and refuses them.
# target: ftp://files.example.com/
# flags: --passive-samples 16
# network: server-nat client-public
# verdict: fail
# cause: ftp.passive.wrong-backend fail proven
# check: ftp.active pass
# healthy: healthy-two-backends

second_server
balance numgen random mod 2
for place in server server2; do
	vsftpd "$place" pasv_address=203.0.113.10
done
