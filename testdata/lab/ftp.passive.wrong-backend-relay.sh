# haproxy takes turns between two servers, for the data connections too. It accepts them itself: those for the wrong server open
# and close at once. To the servers all clients are haproxy.
# target: ftp://files.example.com/
# flags: --timeout 3s --passive-samples 16
# network: server-nat client-public
# verdict: fail
# cause: ftp.passive.wrong-backend fail proven
# cause: ftp.active.peer-mismatch info proven
# healthy: healthy-relay-two-backends

second_server
relay_at_edge 'balance roundrobin' 'server one 10.88.1.2' 'server two 10.88.2.2'
for place in server server2; do
	vsftpd "$place" pasv_address=203.0.113.10
done
