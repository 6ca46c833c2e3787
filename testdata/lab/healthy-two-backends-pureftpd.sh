# The same with pure-ftpd.
# target: ftp://files.example.com/
# flags: --require both --passive-samples 16
# network: server-nat client-public
# verdict: ok

second_server
balance jhash ip saddr mod 2
for place in server server2; do
	pureftpd "$place" --forcepassiveip=203.0.113.10
done
