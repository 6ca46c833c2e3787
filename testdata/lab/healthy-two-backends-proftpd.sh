# The same with proftpd, and servers that drop what they know nothing of.
# target: ftp://files.example.com/
# flags: --require both --passive-samples 16
# network: server-nat client-public
# verdict: ok

second_server
balance jhash ip saddr mod 2
for place in server server2; do
	stealthy "$place"
	proftpd "$place" 'MasqueradeAddress 203.0.113.10'
done
