# The same with pure-ftpd and a load balancer that takes turns.
# target: ftp://files.example.com/
# flags: --passive-samples 16
# network: server-nat client-public
# verdict: fail
# cause: ftp.passive.wrong-backend fail proven
# healthy: healthy-two-backends-pureftpd

second_server
balance numgen inc mod 2
for place in server server2; do
	pureftpd "$place" --forcepassiveip=203.0.113.10
done
