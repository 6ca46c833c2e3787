# Two faults: the certificate has expired, and half of the data connections reach the wrong one of two servers.
# target: ftpes://files.example.com/
# flags: --passive-samples 16
# network: server-nat client-public
# verdict: fail
# cause: cert.expired fail likely
# cause: ftp.passive.wrong-backend fail proven
# healthy: healthy-two-backends-ftpes

second_server
balance numgen random mod 2
for place in server server2; do
	vsftpd "$place" pasv_address=203.0.113.10 ssl_enable=YES allow_anon_ssl=YES rsa_cert_file=$tls/expired.pem
done
