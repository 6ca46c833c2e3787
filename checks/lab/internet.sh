# The lab's internet, and the words that scenarios are written in. Sourced by bash as root, inside namespaces of the
# scenario's own (isolate.go).
#
#   client ──lan── cpe ──access── isp ──transit── edge ──dmz── server
#
#   client   192.168.1.10 (client-public: 192.0.2.10), 2001:db8:1::10     on eth0
#   cpe      the client's router: NAT for IPv4 and a stateful firewall (client-public: neither)
#            lan 192.168.1.1 (192.0.2.1), 2001:db8:1::1     wan 198.51.100.2, 2001:db8:a::2
#   isp      the provider's router, with the resolver 198.51.100.53, 2001:db8:53::53
#            access 198.51.100.1, 2001:db8:a::1             transit 198.51.100.17, 2001:db8:b::1
#   edge     the server's firewall: admits ICMP and the TCP ports of its set "open" (server-nat: forwards them)
#            wan 198.51.100.18, 2001:db8:b::2               dmz 203.0.113.1 (10.88.1.1), 2001:db8:2::1
#   server   203.0.113.10 (server-nat: 10.88.1.2, and the edge has 203.0.113.10), 2001:db8:2::10     on eth0
#
# files.example.com is the server's IPv4 address, files6.example.com its IPv6 address, files46.example.com both.
# www.example.com is files.example.com. empty.example.com has no address at all.

run=/run/lab # everything that a scenario writes; $tls has its certificates (certificates.go), $ftp what the servers serve
tls=$run/tls
ftp=$run/ftp
awaited=()
resolving=

# on NAMESPACE COMMAND… runs a command in a namespace.
on() { nsenter --net="/run/netns/$1" -- "${@:2}"; }

# start NAMESPACE NAME COMMAND… runs a server, with $! as its process; what it prints is in $run/log/NAME.
start() { nsenter --net="/run/netns/$1" -- "${@:3}" >>"$run/log/$2" 2>&1 </dev/null & }

# has WORD says whether the scenario's network is of that kind.
has() { [[ " ${NETWORK-} " == *" $1 "* ]]; }

# line NAME NAMESPACE INTERFACE NAMESPACE INTERFACE joins two namespaces: by a pair of Ethernet interfaces or, where the
# scenario wants a delay on that line, by a tunnel that has it.
line() {
	if [[ ${DELAY%% *} == "$1" ]]; then
		(exec -a lab-delay /proc/1/exe "$2" "$3" "$4" "$5" "${DELAY##* }") >>"$run/log/delay" 2>&1 &
		until on "$2" ip link show "$3" && on "$4" ip link show "$5"; do sleep 0.005; done >/dev/null 2>&1
	else
		echo "link add $3 netns $2 type veth peer name $5 netns $4" | ip -batch -
	fi
}

# configure NAMESPACE reads ip(8) commands.
configure() { on "$1" ip -batch -; }

# host NAMESPACE makes a namespace; router NAMESPACE makes one that forwards. Their interfaces do without duplicate address
# detection, which would keep IPv6 addresses unusable for a second.
host() { namespace "$1"; }
router() { namespace "$1" net/ipv4/ip_forward net/ipv6/conf/all/forwarding; }
namespace() {
	ip netns add "$1"
	on "$1" bash -c 'echo 0 >/proc/sys/net/ipv6/conf/default/accept_dad
		for switch; do echo 1 >"/proc/sys/$switch"; done
		ip link set lo up' - "${@:2}"
}

build() {
	local client=192.168.1.10 gateway=192.168.1.1 server=203.0.113.10 dmz=203.0.113.1
	if has client-public; then client=192.0.2.10 gateway=192.0.2.1; fi
	if has server-nat; then server=10.88.1.2 dmz=10.88.1.1; fi

	local place
	for place in client server; do host "$place"; done
	for place in cpe isp edge; do router "$place"; done
	line lan client eth0 cpe lan
	line access cpe wan isp access
	line transit isp transit edge wan
	line dmz edge dmz server eth0

	configure client <<-END
		link set eth0 up
		address add $client/24 dev eth0
		address add 2001:db8:1::10/64 dev eth0
		route add default via $gateway
		route add default via 2001:db8:1::1
	END
	configure cpe <<-END
		link set lan up
		link set wan up
		address add $gateway/24 dev lan
		address add 2001:db8:1::1/64 dev lan
		address add 198.51.100.2/30 dev wan
		address add 2001:db8:a::2/64 dev wan
		route add default via 198.51.100.1
		route add default via 2001:db8:a::1
	END
	configure isp <<-END
		link set access up
		link set transit up
		address add 198.51.100.1/30 dev access
		address add 2001:db8:a::1/64 dev access
		address add 198.51.100.17/30 dev transit
		address add 2001:db8:b::1/64 dev transit
		address add 198.51.100.53/32 dev lo
		address add 2001:db8:53::53/128 dev lo
		route add 2001:db8:1::/64 via 2001:db8:a::2
		route add 192.0.2.0/24 via 198.51.100.2
		route add 203.0.113.0/24 via 198.51.100.18
		route add 2001:db8:2::/64 via 2001:db8:b::2
	END
	configure edge <<-END
		link set wan up
		link set dmz up
		address add 198.51.100.18/30 dev wan
		address add 2001:db8:b::2/64 dev wan
		address add $dmz/24 dev dmz
		address add 2001:db8:2::1/64 dev dmz
		route add default via 198.51.100.17
		route add default via 2001:db8:b::1
	END
	configure server <<-END
		link set eth0 up
		address add $server/24 dev eth0
		address add 2001:db8:2::10/64 dev eth0
		route add default via $dmz
		route add default via 2001:db8:2::1
	END

	has client-public || translate_client
	admit_at_edge
	! has server-nat || translate_server
}

translate_client() {
	on cpe nft --file - <<-'END'
		table inet firewall {
			chain forward {
				type filter hook forward priority filter; policy drop
				ct state established,related accept
				iifname lan accept
			}
			chain input {
				type filter hook input priority filter
				iifname wan meta l4proto { tcp, udp } ct state new drop
			}
			chain translation {
				type nat hook postrouting priority srcnat
				oifname wan meta nfproto ipv4 masquerade
			}
		}
	END
}

admit_at_edge() {
	on edge nft --file - <<-'END'
		table inet firewall {
			set open {
				type inet_service
				flags interval
				elements = { 21, 443, 990, 2121, 50000-50099 }
			}
			chain forward {
				type filter hook forward priority filter; policy drop
				ct state established,related accept
				iifname dmz accept
				meta l4proto { icmp, ipv6-icmp } accept
				tcp dport @open accept
			}
		}
	END
}

translate_server() {
	on edge ip address add 203.0.113.10/32 dev lo
	on edge nft --file - <<-'END'
		table inet firewall {
			chain input {
				type filter hook input priority filter
				iifname wan meta l4proto tcp ct state new drop
			}
			chain forwarding {
				type nat hook prerouting priority dstnat
				ip daddr 203.0.113.10 tcp dport @open dnat ip to 10.88.1.2
			}
			chain translation {
				type nat hook postrouting priority srcnat
				oifname wan ip saddr 10.88.1.2 snat ip to 203.0.113.10
			}
		}
	END
}

# nat_helper NAMESPACE lets that router read FTP control connections on port 21 and open the ports that it sees announced.
nat_helper() {
	on "$1" nft --file - <<-'END'
		table inet helper {
			ct helper ftp {
				type "ftp" protocol tcp
			}
			chain prerouting {
				type filter hook prerouting priority filter
				tcp dport 21 ct helper set "ftp"
			}
		}
	END
}

# resolver OPTIONS… runs dnsmasq at the provider, with options of its own beside the lab's names.
resolver() {
	resolving=yes
	start isp dnsmasq dnsmasq --keep-in-foreground --conf-file=/dev/null --user=root \
		--bind-interfaces --listen-address=198.51.100.53 --listen-address=2001:db8:53::53 \
		--pid-file --no-resolv --no-hosts --local=/com/ --local-ttl=60 \
		--host-record=files.example.com,203.0.113.10 \
		--host-record=files6.example.com,2001:db8:2::10 \
		--host-record=files46.example.com,203.0.113.10,2001:db8:2::10 \
		--host-record=www.example.com,203.0.113.10 \
		--txt-record=empty.example.com,"a name without an address" \
		"$@"
	listening isp 53
}

# recursive_resolver ADDRESS runs unbound at the provider. It asks dnsmasq. Of the zone broken.example dnsmasq knows
# nothing, a lame delegation; example.com ought to be signed, and is not.
recursive_resolver() {
	on isp ip address add "$1/32" dev lo
	cat >"$run/unbound.conf" <<-END
		server:
			interface: $1
			access-control: 0.0.0.0/0 allow
			directory: "$run"
			username: ""
			chroot: ""
			pidfile: ""
			use-syslog: no
			trust-anchor: "example.com. DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D"
		remote-control:
			control-enable: no
		stub-zone:
			name: "broken.example"
			stub-addr: 198.51.100.53
		stub-zone:
			name: "example.com"
			stub-addr: 198.51.100.53
	END
	start isp unbound "$RUNG_LAB/usr/sbin/unbound" -d -c "$run/unbound.conf"
	listening isp 53
	await # before dnsmasq listens on the same port
}

# stub runs unbound on the client itself, at 127.0.0.53 as systemd-resolved does. It asks the provider's resolver, and answers
# SERVFAIL where that is out of reach.
stub() {
	cat >"$run/stub.conf" <<-END
		server:
			interface: 127.0.0.53
			do-not-query-localhost: no
			directory: "$run"
			username: ""
			chroot: ""
			pidfile: ""
			use-syslog: no
			module-config: "iterator"
		remote-control:
			control-enable: no
		forward-zone:
			name: "."
			forward-addr: 198.51.100.53
	END
	start client stub "$RUNG_LAB/usr/sbin/unbound" -d -c "$run/stub.conf"
	listening client 53
	await
	nameservers 127.0.0.53
}

# nameservers ADDRESS… are the client's resolvers.
nameservers() { printf 'nameserver %s\n' "$@" >/etc/resolv.conf; }

# vsftpd NAMESPACE KEY=VALUE… runs vsftpd on IPv4; vsftpd6 on the server's IPv6 address.
vsftpd() { run_vsftpd "$1" listen=YES "${@:2}"; }
vsftpd6() { run_vsftpd "$1" listen_ipv6=YES listen_address6=2001:db8:2::10 "${@:2}"; }
run_vsftpd() {
	local port=21 setting config
	for setting in "${@:2}"; do
		[[ $setting != listen_port=* ]] || port=${setting#*=}
	done
	config=$run/vsftpd.${2%%=*}.$port
	printf '%s\n' background=NO isolate=NO isolate_network=NO seccomp_sandbox=NO secure_chroot_dir=$run/empty \
		anonymous_enable=YES anon_root=$ftp local_enable=YES pasv_min_port=50000 pasv_max_port=50099 \
		connect_from_port_20=YES ssl_ciphers=HIGH rsa_cert_file=$tls/good.pem "${@:2}" >"$config"
	start "$1" vsftpd "$RUNG_LAB/usr/sbin/vsftpd" "$config"
	listening "$1" "$port"
}

# proftpd NAMESPACE DIRECTIVE… runs proftpd. A directive "Port N" changes its port.
proftpd() {
	local config=$run/proftpd.conf port=21 directive
	cat >"$config" <<-END
		ServerName lab
		DefaultServer on
		ModulePath $RUNG_LAB/usr/lib/proftpd
		User nobody
		Group nogroup
		PidFile $run/proftpd.pid
		ScoreboardFile $run/proftpd.scoreboard
		SystemLog $run/log/proftpd
		TransferLog none
		WtmpLog off
		DelayEngine off
		PassivePorts 50000 50099
		<Anonymous $ftp>
			User ftp
			Group nogroup
			UserAlias anonymous ftp
			RequireValidShell off
		</Anonymous>
	END
	printf '%s\n' "${@:2}" >>"$config"
	for directive in "${@:2}"; do
		[[ $directive != Port\ * ]] || port=${directive#* }
	done
	start "$1" proftpd "$RUNG_LAB/usr/sbin/proftpd" --nodaemon --config "$config"
	listening "$1" "$port"
}

# proftpd_tls CERTIFICATE prints the directives, one a line, that give proftpd TLS.
proftpd_tls() {
	printf '%s\n' 'LoadModule mod_tls.c' 'TLSEngine on' "TLSECCertificateFile $tls/$1.pem" \
		"TLSECCertificateKeyFile $tls/$1.pem" "TLSCertificateChainFile $tls/$1.pem"
}

# pureftpd NAMESPACE OPTION… runs pure-ftpd.
pureftpd() {
	start "$1" pureftpd "$RUNG_LAB/usr/sbin/pure-ftpd" --dontresolve --pidfile=$run/pure-ftpd.pid \
		--passiveportrange=50000:50099 --certfile=$tls/good.pem "${@:2}"
	listening "$1" 21
}

# occupy ADDRESS logs in to the FTP server there from its own machine, and stays.
occupy() {
	local replies reply
	exec {replies}< <(on server bash -c '
		exec {control}<>"/dev/tcp/$0/21"
		printf "USER anonymous\r\nPASS lab@example.com\r\n" >&$control
		exec cat <&$control' "$1")
	while read -ru "$replies" reply; do
		[[ $reply != 230\ * ]] || return 0
	done
	fail "no login at $1"
}

# sshd NAMESPACE PORT runs an SSH server.
sshd() {
	start "$1" sshd "$RUNG_LAB/usr/sbin/dropbear" -F -E -R -p "$2"
	listening "$1" "$2"
}

# website NAMESPACE PORT [ssl CERTIFICATE] DIRECTIVE… runs nginx.
website() {
	local where=$1 port=$2 listen=$2 home=$run/nginx.$2
	shift 2
	if [[ ${1-} == ssl ]]; then
		listen+=' ssl'
		set -- "ssl_certificate $tls/$2.pem" "ssl_certificate_key $tls/$2.pem" "${@:3}"
	fi
	mkdir -p "$home"
	{
		echo "daemon off; master_process off; pid $home/pid; error_log stderr; events {}"
		echo "http { access_log off; ssl_protocols TLSv1.2 TLSv1.3;"
		printf '%s_temp_path %s;\n' client_body "$home" proxy "$home" fastcgi "$home" uwsgi "$home" scgi "$home"
		echo "server { listen $listen; listen [::]:$listen;"
		[[ $# == 0 ]] || printf '%s;\n' "$@"
		echo 'return 204; } }'
	} >"$home/nginx.conf"
	start "$where" nginx /usr/sbin/nginx -e stderr -p "$home" -c "$home/nginx.conf"
	listening "$where" "$port"
}

# listening NAMESPACE PORT asks that the scenario does not go on before something listens there.
listening() { awaited+=("$1 $2"); }

# await waits for all that was asked for. It looks at the kernel's table, so that the server sees no connection.
await() {
	local place
	for place in "${awaited[@]}"; do
		on "${place% *}" bash -c '
			printf -v local ":%04X " "$0"
			exec {pause}<> <(:)
			for ((i = 0; i < 3000; i++)); do
				for table in /proc/net/tcp /proc/net/tcp6; do
					read -rd "" sockets <$table
					[[ $sockets != *"$local"*:0000\ 0A* ]] || exit 0
				done
				read -rt 0.003 -u "$pause"
			done
			exit 1' "${place#* }" || fail "nothing listens in ${place% *} on port ${place#* }"
	done
	awaited=()
}

fail() {
	echo "$SCENARIO: $*" >&2
	exit 125
}

# main builds the internet and the scenario in it, and runs a command in the client's namespace. What goes wrong before that
# ends it with status 125 and whatever the servers said.
main() {
	set -o errexit -o nounset -o pipefail
	trap 'tail --lines=+1 "$run"/log/* >&2 2>/dev/null; exit 125' EXIT
	build
	source "$SCENARIO"
	[[ $resolving ]] || resolver
	await
	trap - EXIT
	ip netns exec client "$@"
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
	main "$@"
fi
