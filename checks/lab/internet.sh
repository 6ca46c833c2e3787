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
# www.example.com is files.example.com. empty.example.com has no address at all. The root's server is a.root-servers.
#
# anchor.example.net 198.51.100.88, 2001:db8:53::88 and anchor.example.org 192.0.2.88, 3fff:88::88 are web servers at the provider,
# where a scenario has anchor_hosts.
# pki.example.com and ocsp.example.com 198.51.100.80 and ntp.example.com 198.51.100.123 are at the provider, where a
# scenario has pki, ocsp_responder and timeserver.

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
# scenario wants a delay on that line, by a tunnel that has it: "lan 2ms", or "lan 2ms 8" where every eighth packet is to arrive damaged at
# the first, or "lan 2ms 0 300ms" where every third is to take so much longer to there.
line() {
	local name takes damaged longer
	read -r name takes damaged longer <<<"${DELAY-}"
	if [[ $name == "$1" ]]; then
		(exec -a lab-delay /proc/1/exe "$2" "$3" "$4" "$5" "$takes" "${damaged:-0}" "${longer:-0s}") >>"$run/log/delay" 2>&1 &
		until on "$2" ip link show "$3" && on "$4" ip link show "$5"; do sleep 0.005; done >/dev/null 2>&1
	else
		echo "link add $3 netns $2 type veth peer name $5 netns $4" | ip -batch -
	fi
}

# configure NAMESPACE reads ip(8) commands.
configure() { on "$1" ip -batch -; }

# host NAMESPACE makes a namespace; router NAMESPACE makes one that forwards. Their interfaces do without duplicate address
# detection, which would keep IPv6 addresses unusable for a second. An address is usable at once only if it says so itself, too
# ("nodad"): the kernel finds out that there is nothing to detect when it comes to that, and a server cannot bind it until then.
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
		address add 2001:db8:1::10/64 dev eth0 nodad
		route add default via $gateway
		route add default via 2001:db8:1::1
	END
	configure cpe <<-END
		link set lan up
		link set wan up
		address add $gateway/24 dev lan
		address add 2001:db8:1::1/64 dev lan nodad
		address add 198.51.100.2/30 dev wan
		address add 2001:db8:a::2/64 dev wan nodad
		route add default via 198.51.100.1
		route add default via 2001:db8:a::1
	END
	configure isp <<-END
		link set access up
		link set transit up
		address add 198.51.100.1/30 dev access
		address add 2001:db8:a::1/64 dev access nodad
		address add 198.51.100.17/30 dev transit
		address add 2001:db8:b::1/64 dev transit nodad
		address add 198.51.100.53/32 dev lo
		address add 2001:db8:53::53/128 dev lo nodad
		route add 2001:db8:1::/64 via 2001:db8:a::2
		route add 192.0.2.0/24 via 198.51.100.2
		route add 203.0.113.0/24 via 198.51.100.18
		route add 2001:db8:2::/64 via 2001:db8:b::2
	END
	configure edge <<-END
		link set wan up
		link set dmz up
		address add 198.51.100.18/30 dev wan
		address add 2001:db8:b::2/64 dev wan nodad
		address add $dmz/24 dev dmz
		address add 2001:db8:2::1/64 dev dmz nodad
		route add default via 198.51.100.17
		route add default via 2001:db8:b::1
	END
	configure server <<-END
		link set eth0 up
		address add $server/24 dev eth0
		address add 2001:db8:2::10/64 dev eth0 nodad
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

# second_server joins a second server, 10.88.2.2 in namespace server2, to the edge of a "server-nat". As long as balance does not
# say so, nothing is forwarded to it.
second_server() {
	host server2
	line dmz2 edge dmz2 server2 eth0
	configure edge <<-END
		link set dmz2 up
		address add 10.88.2.1/24 dev dmz2
	END
	configure server2 <<-END
		link set eth0 up
		address add 10.88.2.2/24 dev eth0
		route add default via 10.88.2.1
	END
	on edge nft add rule inet firewall translation oifname wan ip saddr 10.88.2.2 snat ip to 203.0.113.10
	on edge nft insert rule inet firewall forward iifname dmz2 accept
}

# balance EXPRESSION has the edge of a "server-nat" forward every new connection to the server that an expression of nft(8)
# gives, 0 or 1: "numgen inc mod 2" by turns, "jhash ip saddr mod 2" every client's to the same.
balance() {
	on edge nft flush chain inet firewall forwarding
	on edge nft add rule inet firewall forwarding ip daddr 203.0.113.10 tcp dport @open \
		dnat ip to "$* map { 0 : 10.88.1.2, 1 : 10.88.2.2 }"
}

# stealthy NAMESPACE has that server drop what comes for a port on which nothing listens, where others refuse it.
stealthy() {
	on "$1" nft --file - <<-'END'
		table inet stealth {
			chain output {
				type filter hook output priority filter
				tcp flags & rst == rst drop
			}
		}
	END
}

# neighbour NAME ADDRESS… puts another machine on the network of the client, by a switch that is a part of the client's router.
neighbour() {
	local address
	host "$1"
	if ! on cpe ip link show switch >/dev/null 2>&1; then
		configure cpe <<-END
			link set lan down
			link set lan name port
			link add lan type bridge
			address flush dev port
			link set port master lan
			link set port up
			link set lan up
			address add $(has client-public && echo 192.0.2.1 || echo 192.168.1.1)/24 dev lan
			address add 2001:db8:1::1/64 dev lan nodad
			link property add dev port altname switch
		END
		on cpe bash -c 'for protocol in ip ip6; do echo 0 >/proc/sys/net/bridge/bridge-nf-call-${protocol}tables; done'
	fi
	line "$1" "$1" eth0 cpe "$1"
	configure cpe <<-END
		link set $1 master lan
		link set $1 up
	END
	on "$1" ip link set eth0 up
	for address in "${@:2}"; do on "$1" ip address add "$address" dev eth0; done
}

# detect_duplicates ADDRESS has the client look for other hosts with that address of its own (RFC 4862 §5.4), and waits for what comes of it.
detect_duplicates() {
	on client bash -c 'echo 1 >/proc/sys/net/ipv6/conf/eth0/accept_dad; echo 1 >/proc/sys/net/ipv6/conf/eth0/dad_transmits'
	on client ip address delete "$1/64" dev eth0
	on client ip address add "$1/64" dev eth0
	while on client ip -6 -oneline address show dev eth0 tentative scope global | grep --quiet --invert-match dadfailed; do sleep 0.02; done
}

# bridged moves the client's addresses from eth0 to a bridge of which that is the only port.
bridged() {
	configure client <<-END
		link add br0 type bridge
		link set eth0 master br0
		address flush dev eth0
		link set br0 up
		address add 192.168.1.10/24 dev br0
		address add 2001:db8:1::10/64 dev br0 nodad
		route replace default via 192.168.1.1
		route replace default via 2001:db8:1::1
	END
}

# chatter NAMESPACE sends frames of a protocol that nobody speaks to everyone on that machine's network, until the scenario ends.
chatter() { start "$1" chatter bash -c 'exec -a lab-chatter /proc/1/exe'; }

# relay NAMESPACE LINE… runs haproxy, which accepts TCP connections at 203.0.113.10 in the place of servers behind it: on the
# ports 21 and 50000-50099, and makes one of its own to the same port of a server. The lines are further ones of its section.
relay() {
	local config=$run/haproxy.cfg
	cat >"$config" <<-END
		defaults
			mode tcp
			retries 0
			timeout connect 5s
			timeout client 5m
			timeout server 5m
		listen ftp
			bind 203.0.113.10:21
			bind 203.0.113.10:50000-50099
	END
	printf '\t%s\n' "${@:2}" >>"$config"
	start "$1" haproxy /usr/sbin/haproxy -db -f "$config"
	listening "$1" 21
}

# relay_at_edge LINE… does that at the edge of a "server-nat", in the place of forwarding.
relay_at_edge() {
	on edge nft flush chain inet firewall forwarding
	on edge nft insert rule inet firewall input tcp dport @open accept
	relay edge "$@"
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

# address_pool CONTROL DATA has the client's router translate connections to port 21 to one public address, and all other TCP
# connections to another: a pool of which every connection gets the next. Both are of 192.0.2.0/24, which the provider routes there.
address_pool() {
	on cpe nft insert rule inet firewall translation oifname wan ip protocol tcp snat ip to "$2"
	on cpe nft insert rule inet firewall translation oifname wan tcp dport 21 snat ip to "$1"
}

# client_inside moves the client into the network of the server, behind the edge of a "server-nat": it is 10.88.1.20 there. What it
# sends to the public address comes to the server in the edge's name, for port 21; where nothing more is done, the answers to all
# else go to it directly, and it does not know them.
client_inside() {
	on client ip link delete eth0
	line inside client eth0 edge inside
	configure edge <<-END
		link set dmz down
		link set dmz name socket
		link add dmz type bridge
		address flush dev socket
		link set socket master dmz
		link set inside master dmz
		link set socket up
		link set inside up
		link set dmz up
		address add 10.88.1.1/24 dev dmz
		address add 2001:db8:2::1/64 dev dmz nodad
	END
	configure client <<-END
		link set eth0 up
		address add 10.88.1.20/24 dev eth0
		address add 2001:db8:2::20/64 dev eth0 nodad
		route add default via 10.88.1.1
		route add default via 2001:db8:2::1
	END
	on edge nft add rule inet firewall translation oifname wan ip saddr 10.88.1.0/24 snat ip to 203.0.113.10
	on edge bash -c 'for protocol in ip ip6; do echo 0 >/proc/sys/net/bridge/bridge-nf-call-${protocol}tables; done' # or it would mend that
	on edge nft add rule inet firewall translation oifname dmz ip saddr 10.88.1.0/24 tcp dport 21 masquerade
}

# second_uplink gives the client eth1, 192.168.2.10 and 2001:db8:3::10, on the line of a second router, cpe2 (192.168.2.1,
# 2001:db8:3::1), which translates IPv4 and is joined to the same provider. Of the client's routes only that to its line leads there.
second_uplink() {
	router cpe2
	line lan2 client eth1 cpe2 lan
	line access2 cpe2 wan isp access2
	configure client <<-END
		link set eth1 up
		address add 192.168.2.10/24 dev eth1
		address add 2001:db8:3::10/64 dev eth1 nodad
	END
	configure cpe2 <<-END
		link set lan up
		link set wan up
		address add 192.168.2.1/24 dev lan
		address add 2001:db8:3::1/64 dev lan nodad
		address add 198.51.100.10/30 dev wan
		address add 2001:db8:c::2/64 dev wan nodad
		route add default via 198.51.100.9
		route add default via 2001:db8:c::1
	END
	configure isp <<-END
		link set access2 up
		address add 198.51.100.9/30 dev access2
		address add 2001:db8:c::1/64 dev access2 nodad
		route add 2001:db8:3::/64 via 2001:db8:c::2
	END
	on cpe2 nft --file - <<-'END'
		table inet firewall {
			chain forward {
				type filter hook forward priority filter
			}
			chain translation {
				type nat hook postrouting priority srcnat
				oifname wan meta nfproto ipv4 masquerade
			}
		}
	END
}

# dead_vpn gives the client an interface vpn0, 10.8.0.2 and fd00:8::2, whose other end has gone: what is sent there is lost.
dead_vpn() {
	host vpn
	line vpn client vpn0 vpn tunnel
	on vpn ip link set tunnel up
	configure client <<-END
		link set vpn0 arp off
		link set vpn0 up
		address add 10.8.0.2/24 dev vpn0
		address add fd00:8::2/64 dev vpn0
	END
}

# prefer METRIC ROUTE… adds a default route to the client's IPv4, and gives the one by eth0 a worse metric, 1000.
prefer() {
	configure client <<-END
		route delete default
		route add default via 192.168.1.1 metric 1000
		route add default ${*:2} metric $1
	END
}

# firewall_at_client gives a client with a public address a router that is a stateful firewall, and translates nothing.
firewall_at_client() {
	on cpe nft --file - <<-'END'
		table inet firewall {
			chain forward {
				type filter hook forward priority filter; policy drop
				ct state established,related accept
				meta l4proto { icmp, ipv6-icmp } accept
				iifname lan accept
			}
		}
	END
}

# provider_translates has the provider translate every client's IPv4 address once more, to 198.51.100.200.
provider_translates() {
	on isp nft --file - <<-'END'
		table inet carrier {
			chain translation {
				type nat hook postrouting priority srcnat
				oifname transit ip saddr 198.51.100.2 snat ip to 198.51.100.200
			}
		}
	END
	on edge ip route add 198.51.100.200/32 via 198.51.100.17
	on isp ip address add 198.51.100.200/32 dev lo
}

# mangle NAMESPACE RULE… has that router change what it forwards, by rules of nft(8). In the lab's own TCP segments, whose header
# has 32 bytes (RFC 7323 appendix A), the text begins at @th,256.
mangle() {
	local rule
	on "$1" nft add table inet mangle
	on "$1" nft add chain inet mangle forward '{ type filter hook forward priority mangle; }'
	for rule in "${@:2}"; do
		on "$1" nft add rule inet mangle forward "$rule"
	done
}

# forgetful VERDICT… has the client's router forget a TCP connection on which nothing happened for two seconds. What comes of it
# later is nothing that it knows, and gets the verdict.
forgetful() {
	on cpe bash -c 'cd /proc/sys/net/netfilter
		echo 2 >nf_conntrack_tcp_timeout_established
		echo 2 >nf_conntrack_tcp_timeout_unacknowledged
		echo 0 >nf_conntrack_tcp_loose'
	on cpe nft insert rule inet firewall forward meta l4proto tcp ct state invalid "$@"
}

# strip_auth NAMESPACE has that router replace the command AUTH by XXXX, alone in a segment or behind FEAT.
strip_auth() {
	mangle "$1" 'tcp dport 21 @th,256,32 0x41555448 @th,256,32 set 0x58585858' \
		'tcp dport 21 @th,256,48 0x464541540d0a @th,304,32 0x41555448 @th,304,32 set 0x58585858'
}

# lossy has the provider lose one packet in a hundred, in either direction; loses EXPRESSION… those for which an expression of nft(8)
# holds.
lossy() { loses numgen random mod 100 '<' 1; }
loses() {
	on isp nft --file - <<-END
		table inet loss {
			chain forward {
				type filter hook forward priority filter - 10
				$* counter drop
			}
		}
	END
}

# further_address N [VERDICT…] gives the server a further IPv4 address, 203.0.113.N, and an IPv6 address, 2001:db8:2::N. What comes for
# either on port 443 gets the verdict.
further_address() {
	configure server <<-END
		address add 203.0.113.$1/24 dev eth0
		address add 2001:db8:2::$1/64 dev eth0 nodad
	END
	[[ $# == 1 ]] || on server nft --file - <<-END
		table inet dead$1 {
			chain input {
				type filter hook input priority filter
				ip daddr 203.0.113.$1 tcp dport 443 ${*:2}
				ip6 daddr 2001:db8:2::$1 tcp dport 443 ${*:2}
			}
		}
	END
}

# few_ports N has the client begin connections from the ports 40000 to 40000+N-1 alone. connections N ADDRESS PORT has it make so many
# there, and keep them.
few_ports() { on client bash -c 'echo "40000 $((39999 + $0))" >/proc/sys/net/ipv4/ip_local_port_range' "$1"; }
connections() {
	await
	start client connections bash -c 'for ((i = 0; i < $0; i++)); do exec {held}<>"/dev/tcp/$1/$2" || exit; done
		exec sleep infinity' "$@"
	until (($(on client ss --no-header --tcp state established dst "$2" dport = ":$3" | wc -l) == $1)); do sleep 0.01; done
}

# only_well_known_ports NAMESPACE INTERFACE has that router drop what comes in there for any other TCP port. It says nothing.
only_well_known_ports() {
	on "$1" nft --file - <<-END
		table inet well-known {
			chain forward {
				type filter hook forward priority filter - 5
				iifname $2 tcp dport != { 21, 22, 53, 80, 443 } ct state new drop
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
		--host-record=pki.example.com,198.51.100.80 \
		--host-record=ocsp.example.com,198.51.100.80 \
		--host-record=ntp.example.com,198.51.100.123 \
		--host-record=anchor.example.net,198.51.100.88,2001:db8:53::88 \
		--host-record=anchor.example.org,192.0.2.88,3fff:88::88 \
		--txt-record=empty.example.com,"a name without an address" \
		--dns-rr=.,2,01610c726f6f742d7365727665727300 \
		"$@"
	listening isp 53
}

# further_resolver ADDRESS OPTIONS… runs another dnsmasq at the provider, which knows what its options say and nothing else.
further_resolver() {
	on isp ip address add "$1/32" dev lo
	start isp "dnsmasq.$1" dnsmasq --keep-in-foreground --conf-file=/dev/null --user=root --bind-interfaces \
		--listen-address="$1" --pid-file --no-resolv --no-hosts --local=/com/ "${@:2}"
	listening isp 53
	await # before others listen on the same port
}

# long_name NAME prints the options that have dnsmasq answer for that name with a chain of aliases that fits into no datagram of 1232
# bytes, and the server's address at its end.
long_name() {
	local i name=$1 label=aliases-that-are-as-long-as-a-label-may-be-or-nearly
	for i in {1..9}; do
		echo "--cname=$name,$i.$label-a.$label-b.$label-c.$i.example.com"
		name=$i.$label-a.$label-b.$label-c.$i.example.com
	done
	echo "--host-record=$name,203.0.113.10"
}

# recursive_resolver ADDRESS LINE… runs unbound at the provider, with further lines of its configuration. It asks dnsmasq. Of the zone broken.example dnsmasq knows
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
			ede: yes
			trust-anchor: "example.com. DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D"
			$(printf '%s\n' "${@:2}")
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
# SERVFAIL where that is out of reach. stub ZONE ADDRESS has it ask another one about a zone.
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
	[[ $# == 0 ]] || printf '%s\n' 'forward-zone:' "name: \"$1\"" "forward-addr: $2" >>"$run/stub.conf"
	start client stub "$RUNG_LAB/usr/sbin/unbound" -d -c "$run/stub.conf"
	listening client 53
	await
	nameservers 127.0.0.53
}

# resolved ADDRESS… runs systemd-resolved on the client, which asks those servers.
resolved() {
	echo 'systemd-resolve:x:193:193::/:/bin/false' >>/etc/passwd
	echo 'systemd-resolve:x:193:' >>/etc/group
	mkdir -p /etc/systemd /run/systemd/resolve
	chown 193:193 /run/systemd/resolve
	printf '%s\n' '[Resolve]' "DNS=$*" FallbackDNS= LLMNR=no MulticastDNS=no DNSSEC=no >/etc/systemd/resolved.conf
	start client resolved "$RUNG_LAB/lib/systemd/systemd-resolved"
	listening client 53
	nameservers 127.0.0.53
}

# links_of_resolved SERVER LINE… leaves the state that systemd-resolved would have: it asks the provider's resolver and, for what the
# lines say of the client's interface, that server.
links_of_resolved() {
	mkdir -p /run/systemd/resolve/netif
	printf 'nameserver %s\n' 198.51.100.53 "$1" >/run/systemd/resolve/resolv.conf
	printf '%s\n' '# This is private data. Do not parse.' "SERVERS=$1" "${@:2}" \
		>"/run/systemd/resolve/netif/$(on client ip -oneline link show eth0 | sed 's/:.*//')"
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
	config=$run/vsftpd.$1.${2%%=*}.$port
	printf '%s\n' background=NO isolate=NO isolate_network=NO seccomp_sandbox=NO secure_chroot_dir=$run/empty \
		anonymous_enable=YES anon_root=$ftp local_enable=YES pasv_min_port=50000 pasv_max_port=50099 \
		connect_from_port_20=YES ssl_ciphers=HIGH rsa_cert_file=$tls/good.pem "${@:2}" >"$config"
	start "$1" vsftpd "$RUNG_LAB/usr/sbin/vsftpd" "$config"
	listening "$1" "$port"
}

# proftpd NAMESPACE DIRECTIVE… runs proftpd. A directive "Port N" changes its port.
proftpd() {
	local config=$run/proftpd.$1.conf port=21 directive
	cat >"$config" <<-END
		ServerName lab
		DefaultServer on
		ModulePath $RUNG_LAB/usr/lib/proftpd
		User nobody
		Group nogroup
		PidFile $run/proftpd.$1.pid
		ScoreboardFile $run/proftpd.$1.scoreboard
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
	start "$1" pureftpd "$RUNG_LAB/usr/sbin/pure-ftpd" --dontresolve --pidfile=$run/pure-ftpd.$1.pid \
		--passiveportrange=50000:50099 --certfile=$tls/good.pem "${@:2}"
	listening "$1" 21
}

# resolving_pureftpd NAMESPACE OPTION… runs a pure-ftpd that wants to know every client's name.
resolving_pureftpd() {
	start "$1" pureftpd "$RUNG_LAB/usr/sbin/pure-ftpd" --pidfile=$run/pure-ftpd.$1.pid --passiveportrange=50000:50099 "${@:2}"
	listening "$1" 21
}

# openssl_default LINE… changes what OpenSSL does by itself, in every server that is started after it (openssl.cnf: "Options =
# -SessionTicket").
openssl_default() {
	{
		printf '%s\n' 'openssl_conf = start' '[start]' 'ssl_conf = ssl' '[ssl]' 'system_default = default' '[default]'
		printf '%s\n' "$@"
	} >/etc/ssl/openssl.cnf
}

# stunnel NAMESPACE LINE… runs stunnel with that configuration. Each of its ports is a line "accept = PORT".
stunnel() {
	local line
	printf '%s\n' 'foreground = yes' 'debug = warning' 'pid =' "${@:2}" >"$run/stunnel.conf"
	start "$1" stunnel "$RUNG_LAB/usr/bin/stunnel4" "$run/stunnel.conf"
	for line in "${@:2}"; do
		[[ $line != "accept = "* ]] || listening "$1" "${line##*[ :]}"
	done
}

# intercept has the edge itself answer what comes for the server's data ports.
intercept() {
	on edge nft --file - <<-'END'
		table inet interception {
			chain prerouting {
				type nat hook prerouting priority dstnat
				iifname wan tcp dport 50000-50099 redirect
			}
		}
	END
}

# balancer CERTIFICATE ends the TLS of the data ports 50000 to 50003 at the edge, with that certificate, and begins it anew.
balancer() {
	local port sections=()
	for port in {50000..50003}; do
		sections+=("[client$port]" "accept = 0.0.0.0:$port" "cert = $tls/$1.pem" "connect = 127.0.0.1:$((port + 1000))")
		sections+=("[server$port]" 'client = yes' "accept = 127.0.0.1:$((port + 1000))" "connect = 203.0.113.10:$port")
	done
	intercept
	stunnel edge "${sections[@]}"
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

# only_for NAME CERTIFICATE prints the directives, for website, that have nginx refuse the handshake for every other name.
only_for() {
	printf '%s\n' 'ssl_reject_handshake on; return 204; }' "server { listen 443 ssl; listen [::]:443 ssl; server_name $1;" \
		"ssl_certificate $tls/$2.pem; ssl_certificate_key $tls/$2.pem"
}

# s_server NAMESPACE PORT CERTIFICATE OPTION… runs OpenSSL's test server, which answers HTTP with a page about the connection. It
# speaks with one client at a time.
s_server() {
	sed '1,/END CERTIFICATE/d' "$tls/$3.pem" >"$tls/$3.chain.pem"
	start "$1" s_server openssl s_server -www -accept "$2" -cert "$tls/$3.pem" -cert_chain "$tls/$3.chain.pem" "${@:4}"
	listening "$1" "$2"
}

# balancing NAMESPACE LINE… runs haproxy with those sections.
balancing() {
	local config=$run/haproxy.$1.cfg
	{
		printf '%s\n' defaults 'timeout connect 5s' 'timeout client 5m' 'timeout server 5m' 'retries 0' "${@:2}"
	} >"$config"
	start "$1" haproxy /usr/sbin/haproxy -db -f "$config"
	listening "$1" 443
}

# offloader NAMESPACE BIND LINE… runs haproxy, which ends TLS on port 443 as the options of its bind line say. It answers 204 to all
# requests of which the lines, further ones of its section, say nothing else.
offloader() {
	balancing "$1" 'listen site' 'mode http' "bind :::443 v4v6 ssl $2" "${@:3}" 'http-request return status 204'
}

# authority NAME makes a CA, $tls/NAME.ca.pem. issue CA NAME OPTION… has it sign a certificate, $tls/NAME.pem with its key and
# $tls/NAME.key; further options are those of openssl-req(1). expire CA NAME has it sign that anew, as one that ended yesterday. trust
# CA has the client trust it, beside the lab's root.
authority() {
	sign "$1.ca" -subj "/CN=$1" -addext basicConstraints=critical,CA:true -addext keyUsage=critical,keyCertSign,cRLSign
}
issue() {
	sign "$2" -CA "$tls/$1.ca.pem" -CAkey "$tls/$1.ca.key" -subj "/CN=$2" "${@:3}"
}
expire() {
	local request=$run/$2.csr
	openssl x509 -x509toreq -in "$tls/$2.pem" -signkey "$tls/$2.key" -copy_extensions copyall -out "$request" 2>>"$run/log/openssl"
	openssl x509 -req -in "$request" -CA "$tls/$1.ca.pem" -CAkey "$tls/$1.ca.key" -days -1 -copy_extensions copyall \
		-out "$tls/$2.pem" 2>>"$run/log/openssl"
}
trust() { cat "$tls/$1.ca.pem" >>"$tls/ca.pem"; }
sign() {
	printf '%s\n' '[req]' 'distinguished_name = name' '[name]' >"$run/req.cnf"
	[[ " $* " == *" -newkey "* ]] || set -- "$@" -newkey ec -pkeyopt ec_paramgen_curve:P-256
	openssl req -x509 -config "$run/req.cnf" -sha256 -nodes -days 30 -keyout "$tls/$1.key" -out "$tls/$1.pem" "${@:2}" \
		>>"$run/log/openssl" 2>&1
	cat "$tls/$1.key" >>"$tls/$1.pem"
	chmod a+r "$tls/$1.key" "$tls/$1.pem" # rung is no root
}

# for_site NAMES… prints the options, one a line, that have a certificate issued for a web site.
for_site() {
	local names
	printf -v names ',DNS:%s' "$@"
	printf '%s\n' -addext "subjectAltName=${names#,}" -addext extendedKeyUsage=serverAuth
}

# rsa_certificate NAME… makes one with an RSA key, $tls/rsa.pem, of a CA that the client trusts: for the servers' names and those.
rsa_certificate() {
	local names
	mapfile -t names < <(for_site files.example.com files6.example.com files46.example.com www.example.com "$@")
	authority Academy
	trust Academy
	issue Academy rsa -newkey rsa:2048 -addext keyUsage=critical,digitalSignature,keyEncipherment "${names[@]}"
}

# narrow MTU NAMESPACE… has those routers put what they forward along the line between them into a tunnel of a smaller MTU: the isp
# what goes to the server, the edge what goes to the client.
narrow() {
	local place
	for place in "${@:2}"; do
		case $place in
		isp) narrow_route isp "$1" 203.0.113.0/24 198.51.100.18 2001:db8:2::/64 2001:db8:b::2 ;;
		edge) narrow_route edge "$1" default 198.51.100.17 default 2001:db8:b::1 ;;
		esac
	done
}
narrow_route() {
	on "$1" ip route change "$3" via "$4" mtu "$2"
	on "$1" ip -6 route change "$5" via "$6" mtu "$2"
}

# mute NAMESPACE… has those routers drop packets that are too big without a word (RFC 2923 §2.1). The isp's word would go to the
# client, the edge's to the server.
mute() {
	local place
	for place; do
		on "$place" nft --file - <<-'END'
			table inet mute {
				chain output {
					type filter hook output priority filter
					icmp type destination-unreachable icmp code frag-needed drop
					icmpv6 type packet-too-big drop
				}
			}
		END
	done
}

# hush NAMESPACE… has those routers never say that a TTL ran out.
hush() {
	local place
	for place; do
		on "$place" nft --file - <<-'END'
			table inet hush {
				chain output {
					type filter hook output priority filter
					icmp type time-exceeded drop
					icmpv6 type time-exceeded drop
				}
			}
		END
	done
}

# limited NAMESPACE has that router send two ICMP errors a second at the most, to all the world together.
limited() {
	on "$1" nft --file - <<-'END'
		table inet limited {
			chain output {
				type filter hook output priority filter
				icmp type { time-exceeded, destination-unreachable } limit rate over 2/second burst 1 packets drop
				icmpv6 type { time-exceeded, destination-unreachable } limit rate over 2/second burst 1 packets drop
			}
		}
	END
}

# forgets_first NAMESPACE has that router lose the first SYN of every connection to port 21.
forgets_first() {
	on "$1" nft --file - <<-'END'
		table inet first {
			set seen {
				type inet_service
				flags dynamic
				size 1000
			}
			chain prerouting {
				type filter hook prerouting priority raw
				iifname wan tcp dport 21 tcp flags & (syn | ack) == syn tcp sport != @seen add @seen { tcp sport } drop
			}
		}
	END
}

# detour joins one more router, mid, between isp and edge, beside the line between them. As long as no route says so, nothing goes
# there.
#
#   isp ──198.51.100.32/30── mid ──198.51.100.36/30── edge
detour() {
	router mid
	line spur isp spur mid back
	line bypass mid ahead edge bypass
	configure isp <<-END
		link set spur up
		address add 198.51.100.33/30 dev spur
	END
	configure mid <<-END
		link set back up
		link set ahead up
		address add 198.51.100.34/30 dev back
		address add 198.51.100.37/30 dev ahead
		route add default via 198.51.100.33
		route add 203.0.113.0/24 via 198.51.100.38
	END
	configure edge <<-END
		link set bypass up
		address add 198.51.100.38/30 dev bypass
	END
	local place
	for place in isp mid edge; do
		on "$place" bash -c 'for all in all default; do echo 0 >/proc/sys/net/ipv4/conf/$all/rp_filter; done'
	done
}

# clamp NAMESPACE has that router write into every SYN that it forwards what the MTU of the way out allows.
clamp() {
	mangle "$1" 'tcp flags & (syn | rst) == syn tcp option maxseg size set rt mtu'
}

# censor DEED NAME… has the provider read every ClientHello that clients send (censor.go). Where it has one of the names, the
# provider drops what the client sends from then on ("drop"), resets both sides ("reset"), or sends an "alert" as if it were the server.
censor() {
	local family
	on isp bash -c 'for all in all default; do echo 0 >/proc/sys/net/ipv4/conf/$all/rp_filter; done'
	(exec -a lab-censor /proc/1/exe isp "$@") >>"$run/log/censor" 2>&1 &
	until on isp ip link set censor up; do sleep 0.005; done >/dev/null 2>&1
	for family in -4 -6; do
		on isp ip $family route add default dev censor table 7
		on isp ip $family rule add iif access ipproto tcp lookup 7
	done
}

# at SHIFT WORD… has what the word starts live at another time: "at +3d website server 443 ssl good".
at() {
	local library=(/usr/lib/*/faketime/libfaketime.so.1)
	[[ -e $library ]] || fail "faketime is missing: checks/lab/install fetches it"
	FAKETIME=$1 FAKETIME_DONT_FAKE_MONOTONIC=1 LD_PRELOAD=$library "${@:2}"
}

# stapled CERTIFICATE [SIGNER] has the authority, or whoever else is to sign, write an OCSP response that speaks of that
# certificate; it prints nginx's directives that staple it, for the words that follow "website server 443 ssl CERTIFICATE".
stapled() {
	local response=$tls/$1.ocsp signer=$tls/${2-responder}.pem
	openssl ocsp -issuer "$tls/intermediate.pem" -cert "$tls/$1.pem" -no_nonce -reqout "$response.request"
	openssl ocsp -index "$tls/index.txt" -CA "$tls/intermediate.pem" -rsigner "$signer" -rkey "$signer" -ndays 7 \
		-reqin "$response.request" -respout "$response" >>"$run/log/ocsp"
	echo "ssl_stapling on; ssl_stapling_file $response"
}

# ocsp_responder runs the authority's OCSP responder.
ocsp_responder() {
	on isp ip address replace 198.51.100.80/32 dev lo
	start isp ocsp openssl ocsp -port 8080 -index "$tls/index.txt" -CA "$tls/intermediate.pem" -ndays 7 \
		-rsigner "$tls/responder.pem" -rkey "$tls/responder.pem"
	listening isp 8080
}

# pki runs the authorities' web server, which has their certificates and revocation lists (certificates.go).
pki() {
	openssl crl2pkcs7 -nocrl -certfile "$tls/intermediate.pem" -outform DER -out "$tls/pki/intermediate.p7c"
	on isp ip address replace 198.51.100.80/32 dev lo
	{
		echo "daemon off; master_process off; pid $run/pki.pid; error_log stderr; events {}"
		echo "http { access_log off; server { listen 198.51.100.80:80; root $tls/pki; } }"
	} >"$run/pki.conf"
	start isp pki /usr/sbin/nginx -e stderr -p "$run" -c "$run/pki.conf"
	listening isp 80
}

# anchor_hosts runs two web servers that have nothing to do with each other nor with the target: anchor.example.net and
# anchor.example.org, on the ports 80 and 443.
anchor_hosts() {
	local address names
	for address in 198.51.100.88/32 192.0.2.88/32 2001:db8:53::88/128 3fff:88::88/128; do
		on isp ip address add $address dev lo
	done
	authority Newcomer
	mapfile -t names < <(for_site anchor.example.net anchor.example.org)
	issue Newcomer anchor "${names[@]}"
	website isp 80
	website isp 443 ssl anchor
}

# proxy NAMESPACE ADDRESS LINE… runs tinyproxy there on port 3128, with further lines of its configuration ("BasicAuth USER PASSWORD").
# behind_proxy has the client's router forward nothing; who speaks with the router itself, or with what runs on it, still can.
proxy() {
	printf '%s\n' 'User nobody' 'Group nogroup' 'Port 3128' "Listen $2" 'MaxClients 20' 'Timeout 30' "${@:3}" >"$run/tinyproxy.conf"
	start "$1" tinyproxy "$RUNG_LAB/usr/bin/tinyproxy" -d -c "$run/tinyproxy.conf"
	listening "$1" 3128
}
behind_proxy() { on cpe nft insert rule inet firewall forward iifname lan "${@:-drop}"; }

# accelerator has the provider accept every TCP connection itself, but those to resolvers, and make one of its own to where it was to go.
accelerator() {
	printf '%s\n' defaults 'timeout connect 5s' 'timeout client 5m' 'timeout server 5m' 'retries 0' \
		'listen all' 'mode tcp' 'bind 0.0.0.0:7777' 'option transparent' >"$run/accelerator.cfg"
	start isp haproxy /usr/sbin/haproxy -db -f "$run/accelerator.cfg"
	listening isp 7777
	on isp nft --file - <<-'END'
		table inet accelerator {
			chain prerouting {
				type nat hook prerouting priority dstnat
				iifname access ip protocol tcp tcp dport != 53 redirect to :7777
			}
		}
	END
}

# captive_portal DIRECTIVE… has the client's router answer HTTP in the place of every host, as nginx's directives say, and HTTPS with a
# certificate of its own; of the rest it forwards DNS alone.
captive_portal() {
	local names
	authority Hotel
	mapfile -t names < <(for_site portal.hotel.lan)
	issue Hotel portal "${names[@]}"
	website cpe 8080 "$@"
	website cpe 8443 ssl portal
	on cpe nft --file - <<-'END'
		table inet portal {
			chain prerouting {
				type nat hook prerouting priority dstnat
				iifname lan tcp dport 80 redirect to :8080
				iifname lan tcp dport 443 redirect to :8443
			}
			chain forward {
				type filter hook forward priority filter - 5
				iifname lan tcp dport != 53 drop
			}
		}
	END
}

# timeserver SHIFT [unsynchronized] runs an NTP server whose clock is so far ahead of this machine's.
timeserver() {
	on isp ip address add 198.51.100.123/32 dev lo
	start isp ntp bash -c 'exec -a lab-ntp /proc/1/exe "$@"' - 198.51.100.123:123 "$@"
	until on isp grep --quiet ':007B ' /proc/net/udp; do sleep 0.005; done
}

# listening NAMESPACE PORT asks that the scenario does not go on before something listens there.
listening() { awaited+=("$1 $2"); }

# await waits for all that was asked for, as many listeners on a port as were asked for there. It looks at the kernel's table, so that the server sees no connection.
await() {
	local place wanted
	local -A all
	for place in "${awaited[@]}"; do all[$place]=$((${all[$place]-0} + 1)); done
	for place in "${!all[@]}"; do
		wanted=${all[$place]}
		on "${place% *}" bash -c '
			printf -v local ":%04X " "$0"
			exec {pause}<> <(:)
			for ((i = 0; i < 3000; i++)); do
				found=0
				for table in /proc/net/tcp /proc/net/tcp6; do
					while read -r _ at _ state _; do
						[[ "$at " != *"$local" || $state != 0A ]] || ((++found))
					done <$table
				done
				((found < $1)) || exit 0
				read -rt 0.003 -u "$pause"
			done
			exit 1' "${place#* }" "$wanted" || fail "nothing listens in ${place% *} on port ${place#* }"
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
