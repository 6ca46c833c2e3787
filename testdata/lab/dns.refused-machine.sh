# The client alone: the resolver is for other networks than the client's.
# target: -
# verdict: fail
# cause: dns.refused fail likely 198.51.100.54
# healthy: healthy-machine

on isp ip address add 198.51.100.54/32 dev lo
cat >"$run/choosy.conf" <<-END
	server:
		interface: 198.51.100.54
		access-control: 0.0.0.0/0 refuse
		directory: "$run"
		username: ""
		chroot: ""
		pidfile: ""
		use-syslog: no
	remote-control:
		control-enable: no
END
start isp choosy "$RUNG_LAB/usr/sbin/unbound" -d -c "$run/choosy.conf"
listening isp 53
await
nameservers 198.51.100.54
