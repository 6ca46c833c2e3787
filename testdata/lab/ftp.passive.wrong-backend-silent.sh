# The same with proftpd, and servers that drop what they know nothing of.
# target: ftp://files.example.com/
# flags: --timeout 1s --passive-samples 16
# network: server-nat client-public
# verdict: fail
# cause: ftp.passive.wrong-backend fail proven
# check: ftp.active pass
# healthy: healthy-two-backends-proftpd

second_server
balance numgen inc mod 2
for place in server server2; do
	stealthy "$place"
	proftpd "$place" 'MasqueradeAddress 203.0.113.10'
done
