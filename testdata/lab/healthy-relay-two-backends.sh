# haproxy before two servers, and all connections of a client go to the same one. To the servers all clients are haproxy: active
# mode cannot work, and nobody needs it.
# target: ftp://files.example.com/
# flags: --passive-samples 16
# network: server-nat client-public
# verdict: ok
# cause: ftp.active.peer-mismatch info proven

second_server
relay_at_edge 'balance source' 'server one 10.88.1.2' 'server two 10.88.2.2'
for place in server server2; do
	vsftpd "$place" pasv_address=203.0.113.10
done
