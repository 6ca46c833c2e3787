package checks

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLadder(t *testing.T) {
	place := map[string]int{}
	for i, check := range Ladder {
		assert.NotContains(t, place, check.ID)
		place[check.ID] = i
		assert.Contains(t, Layers, check.Layer)
		assert.Contains(t, Observations, check.ID, "the observations of %s can be read back", check.ID)
	}
	assert.Len(t, Observations, len(Ladder))
	for _, check := range Ladder {
		for _, need := range check.Needs {
			require.Contains(t, place, need, "%s needs it", check.ID)
			assert.NotContains(t, needs(need), check.ID, "%s needs %s, which needs it", check.ID, need)
		}
	}
}

// needs are all checks that a check needs, and those that they need.
func needs(id string) (all []string) {
	i := slices.IndexFunc(Ladder, func(c Check) bool { return c.ID == id })
	for _, need := range Ladder[i].Needs {
		all = append(append(all, need), needs(need)...)
	}
	return all
}

// The internet of these tests: a server with up to four addresses, and up to three resolvers.
var (
	addressesOfServer = []netip.Addr{addr("127.0.0.11"), addr("127.0.0.12"), addr("127.0.0.13"), addr("127.0.0.14")}
	serverPort        = netip.AddrPortFrom(addressesOfServer[0], 21)
	deadResolvers     = []string{"127.0.0.53", "127.0.0.54", "127.0.0.55"}
)

// climb is a diagnosis on an internet of its own, in time that passes only while everybody waits.
func climb(t *testing.T, target string, o Options, prepare func(*internet), look func(*internet, *Report, time.Duration)) {
	t.Helper()
	if o.ResolvConf == "" {
		o.ResolvConf = resolvConf(t)
	}
	o.HostsFile = "/dev/null"
	synctest.Test(t, func(t *testing.T) {
		i := newInternet()
		prepare(i)
		o.Host = i.host()
		parsed, err := ParseTarget(target)
		require.NoError(t, err)
		start := time.Now()
		report := Diagnose(t.Context(), parsed, o)
		took := time.Since(start)
		i.serving.Wait()
		assert.Zero(t, i.open, "connections left open")
		assertSound(t, report)
		look(i, report, took)
	})
}

// longestTrace is how much longer than a little more than the timeout it may take where something was silent: for a trace, and for
// a look from another side.
const longestTrace = 4 * time.Second

func TestBlackHoles(t *testing.T) {
	const timeout = 10 * time.Second
	three := resolvConf(t, deadResolvers...)
	dead := func(i *internet) { i.names[serverName] = addressesOfServer }
	silentCommand := func(verb string) func(*internet) {
		return func(i *internet) { i.serveFTP(serverPort, func(s *ftpService) { s.replies[verb] = "" }) }
	}
	for name, c := range map[string]struct {
		target  string
		options Options
		prepare func(*internet)
		causes  []string
	}{
		"four dead addresses":                     {"ftp://" + serverName, Options{}, dead, []string{"tcp.filtered"}},
		"three dead resolvers":                    {"ftp://" + serverName, Options{ResolvConf: three}, func(i *internet) { i.names[serverName] = nil }, nil},
		"three dead resolvers and four addresses": {"ftp://" + serverName, Options{ResolvConf: three}, dead, []string{"tcp.filtered"}},
		"a dead system, a living resolver and four dead addresses": {
			"ftp://" + serverName, Options{ResolvConf: three}, func(i *internet) {
				i.names[serverName] = nil
				i.records[addr(deadResolvers[2])] = addressesOfServer
			}, []string{"tcp.filtered", "dns.resolver-timeout"},
		},
		"no greeting":                {"ftp://" + serverPort.String(), Options{}, func(i *internet) { i.services[serverPort] = listenOnly }, []string{"tcp.silent"}},
		"no ServerHello":             {"tls://" + serverPort.String(), Options{}, func(i *internet) { i.services[serverPort] = listenOnly }, []string{"tls.handshake-stall"}},
		"no ServerHello on port 990": {"ftps://" + serverPort.String(), Options{}, func(i *internet) { i.services[serverPort] = listenOnly }, []string{"tls.handshake-stall"}},
		"no reply to USER":           {"ftp://" + serverPort.String(), Options{}, silentCommand("USER"), []string{"unexplained.ftp.control"}},
		"no reply to PASS":           {"ftp://" + serverPort.String(), Options{}, silentCommand("PASS"), []string{"unexplained.ftp.control"}},
		"no reply to EPSV":           {"ftp://" + serverPort.String(), Options{}, silentCommand("EPSV"), []string{"ftp.passive.epsv-blocked"}},
		"no reply to AUTH":           {"ftpes://" + serverPort.String(), Options{}, silentCommand("AUTH"), []string{"unexplained.ftp.tls"}},
		"dead passive ports": {
			"ftp://" + serverPort.String(), Options{}, func(i *internet) { i.serveFTP(serverPort, func(s *ftpService) { s.silentData = true }) },
			[]string{"ftp.passive.port-filtered"},
		},
		"dead data ports in both modes": {
			"ftp://" + serverPort.String(), Options{Require: "both"},
			func(i *internet) {
				i.serveFTP(serverPort, func(s *ftpService) { s.silentData, s.silentBack = true, true })
			},
			[]string{"ftp.passive.port-filtered", "ftp.active.blocked"},
		},
		"four dead addresses and dead data ports at the fifth": {
			"ftp://" + serverName, Options{Require: "both"}, func(i *internet) {
				last := addr("127.0.0.15")
				i.names[serverName] = append(slices.Clone(addressesOfServer), last)
				i.serveFTP(netip.AddrPortFrom(last, 21), func(s *ftpService) { s.silentData, s.silentBack = true, true })
			}, []string{"ftp.passive.port-filtered", "ftp.active.blocked"},
		},
		"dead data ports at a server that serves one client": {
			"ftp://" + serverPort.String(), Options{}, func(i *internet) {
				i.serveFTP(serverPort, func(s *ftpService) { s.silentData, s.limit = true, 1 })
			}, []string{"ftp.passive.port-filtered"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c.options.Timeout = timeout
			climb(t, c.target, c.options, c.prepare, func(_ *internet, report *Report, took time.Duration) {
				assert.LessOrEqual(t, took, timeout*11/10+longestTrace)
				assert.NotContains(t, []Verdict{VerdictOK, VerdictUnknown}, report.Verdict)
				assert.Empty(t, report.Interrupted)
				if c.causes != nil {
					assert.Equal(t, c.causes, idsOf(report))
				}
			})
		})
	}
}

// TestStalledListings has a server that opens data connections and sends nothing. A doubt is given to the final reply, which may
// tell why, and another one to the other passive command.
func TestStalledListings(t *testing.T) {
	const timeout = 10 * time.Second
	climb(t, "ftp://"+serverPort.String(), Options{Require: "both", Timeout: timeout}, func(i *internet) {
		i.serveFTP(serverPort, func(s *ftpService) { s.stall = true })
	}, func(_ *internet, report *Report, took time.Duration) {
		assert.Equal(t, []string{"ftp.passive.stalled", "ftp.active.stalled"}, idsOf(report))
		assert.LessOrEqual(t, took, timeout*11/10+longestTrace)
	})
}

func listenOnly(conn net.Conn) {
	buffer := make([]byte, 4096)
	for {
		if _, err := conn.Read(buffer); err != nil {
			_ = conn.Close()
			return
		}
	}
}

func idsOf(r *Report) (ids []string) {
	for _, c := range r.Causes {
		ids = append(ids, c.ID)
	}
	return ids
}

func TestDeadline(t *testing.T) {
	const deadline = 4 * time.Second
	for name, c := range map[string]struct {
		target  string
		prepare func(*internet)
		left    []string // checks that were not finished
		verdict Verdict
	}{
		"nothing answers": {
			"ftp://" + serverName, func(i *internet) { i.names[serverName] = nil },
			[]string{"dns", "tcp", "ftp.control", "ftp.passive", "ftp.active"}, VerdictUnknown,
		},
		"no greeting": {
			"ftp://" + serverPort.String(), func(i *internet) { i.services[serverPort] = listenOnly },
			[]string{"ftp.control", "ftp.passive", "ftp.active"}, VerdictUnknown,
		},
		"no ServerHello": {
			"tls://" + serverPort.String(), func(i *internet) { i.services[serverPort] = listenOnly }, []string{"tls.handshake", "tls.certificate"}, VerdictUnknown,
		},
		"no reply to AUTH TLS": {
			"ftpes://" + serverPort.String(), func(i *internet) { i.serveFTP(serverPort, func(s *ftpService) { s.replies["AUTH"] = "" }) },
			[]string{"tls.handshake", "tls.certificate", "ftp.tls", "ftp.passive", "ftp.active"}, VerdictUnknown,
		},
		"dead data ports": {
			"ftp://" + serverPort.String(), func(i *internet) { i.serveFTP(serverPort, func(s *ftpService) { s.silentData = true }) },
			[]string{"ftp.passive"}, VerdictUnknown,
		},
		"listings that stall": {
			"ftp://" + serverPort.String(), func(i *internet) { i.serveFTP(serverPort, func(s *ftpService) { s.stall = true }) },
			[]string{"ftp.passive", "ftp.active"}, VerdictUnknown,
		},
		"a dead address beside a living one": {
			"tcp://" + serverName + ":21", func(i *internet) {
				i.names[serverName] = addressesOfServer[:2]
				i.services[serverPort] = listenOnly
			}, []string{"tcp"}, VerdictUnknown,
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := Options{Timeout: 10 * time.Second, Deadline: deadline, Require: "passive"}
			climb(t, c.target, o, c.prepare, func(_ *internet, report *Report, took time.Duration) {
				assert.Equal(t, deadline, took)
				assert.Equal(t, c.verdict, report.Verdict)
				assert.Equal(t, "deadline", report.Interrupted)
				assert.Contains(t, report.Summary, "the deadline of 4.0 s passed")
				assert.Subset(t, unfinishedOf(report), c.left)
				assertSameAgain(t, report)
			})
		})
	}
}

// unfinishedOf are the checks of which the report says that they were not finished.
func unfinishedOf(r *Report) (ids []string) {
	for _, c := range r.Checks {
		if !c.Finished && strings.HasPrefix(c.Summary, "not finished: ") {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// TestCancelAtAnyMoment ends diagnoses one after another, each a little later than the one before, up to one that comes to its
// end by itself.
func TestCancelAtAnyMoment(t *testing.T) {
	for name, c := range map[string]struct {
		target  string
		prepare func(*internet)
	}{
		"all is well": {"ftp://" + serverName, func(i *internet) {
			i.names[serverName] = addressesOfServer[:1]
			i.records[addr(deadResolvers[0])] = addressesOfServer[:1]
			i.serveFTP(serverPort)
		}},
		"two addresses": {"ftp://" + serverName, func(i *internet) { i.names[serverName] = addressesOfServer[:2]; i.serveFTP(serverPort) }},
		"dead data ports": {"ftp://" + serverName, func(i *internet) {
			i.names[serverName] = addressesOfServer[:1]
			i.serveFTP(serverPort, func(s *ftpService) { s.silentData, s.silentBack = true, true })
		}},
		"a single session": {"ftp://" + serverPort.String(), func(i *internet) { i.serveFTP(serverPort, func(s *ftpService) { s.limit = 1 }) }},
		"TLS is silent":    {"ftpes://" + serverPort.String(), func(i *internet) { i.serveFTP(serverPort, func(s *ftpService) { s.replies["AUTH"] = "234 go on" }) }},
		"a plain port":     {"tcp://" + serverPort.String(), func(i *internet) { i.services[serverPort] = listenOnly }},
	} {
		t.Run(name, func(t *testing.T) {
			file := resolvConf(t, deadResolvers[0])
			for after := time.Duration(0); ; after += after/8 + roundTrip/4 {
				if cancelAfter(t, after, c.target, file, c.prepare) {
					break
				}
			}
		})
	}
}

// cancelAfter cancels a diagnosis, and says whether that came too late.
func cancelAfter(t *testing.T, after time.Duration, target, file string, prepare func(*internet)) (late bool) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		i := newInternet()
		prepare(i)
		parsed, err := ParseTarget(target)
		require.NoError(t, err)
		ctx, cancel := context.WithTimeoutCause(t.Context(), after, context.Canceled)
		defer cancel()
		start := time.Now()
		report := Diagnose(ctx, parsed, Options{Timeout: 10 * time.Second, ResolvConf: file, HostsFile: "/dev/null", Host: i.host(), Require: "both"})
		took := time.Since(start)
		i.serving.Wait()
		assert.Zero(t, i.open, "connections left open when canceled after %s", after)
		late = report.Interrupted == ""
		assertSound(t, report)
		assertSameAgain(t, report)
		if !late {
			assert.Equal(t, after, took, "it ends at once")
			assert.Equal(t, Interrupted, report.Interrupted)
			assert.Equal(t, 3, ExitStatus([]*Report{report}))
		}
	})
	return late
}

func TestCanceledBeforeItBegins(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	report := Diagnose(ctx, target(t, "ftps://127.0.0.1"), Options{})
	assert.Equal(t, VerdictUnknown, report.Verdict)
	assert.Equal(t, Interrupted, report.Interrupted)
	assert.Subset(t, unfinishedOf(report), []string{"tcp", "ftp.control", "ftp.tls", "tls.handshake", "tls.certificate", "ftp.passive", "ftp.active"})
	assertSound(t, report)
}

// TestChoiceOfAddress has connections that come about one after another, and looks at which one is spoken over.
func TestChoiceOfAddress(t *testing.T) {
	const never = -1
	ms := func(n int) time.Duration { return time.Duration(n) * time.Millisecond }
	for name, c := range map[string]struct {
		delays []int // in milliseconds, in the order of the addresses
		chosen int
		after  time.Duration
	}{
		"the first one":                        {[]int{10, 10, 10}, 0, ms(10)},
		"the first one, a little later":        {[]int{200, 10, 10}, 0, ms(200)},
		"the first one, much later":            {[]int{1000, 10}, 1, ms(260)},
		"the first one at the end of the wait": {[]int{259, 10}, 0, ms(259)},
		"the first one is silent":              {[]int{never, 10}, 1, ms(260)},
		"all but the last are silent":          {[]int{never, never, never, 700}, 3, ms(950)},
		"the second is better than the third":  {[]int{never, 100, 10}, 1, ms(260)},
		"one alone":                            {[]int{700}, 0, ms(700)},
	} {
		t.Run(name, func(t *testing.T) {
			climb(t, "ftp://"+serverName, Options{Timeout: 2 * time.Second}, func(i *internet) {
				i.names[serverName] = addressesOfServer[:len(c.delays)]
				for rank, delay := range c.delays {
					if delay == never {
						continue
					}
					i.serveFTP(netip.AddrPortFrom(addressesOfServer[rank], 21), func(s *ftpService) { s.replies["USER"] = "530 no" })
					i.delays[addressesOfServer[rank]] = ms(delay)
				}
			}, func(_ *internet, report *Report, _ time.Duration) {
				control := EvidenceOf(report).Control
				require.NotNil(t, control)
				assert.Equal(t, addressesOfServer[c.chosen], control.Seen.Peer.Addr())
				greeting := time.Duration(control.Seen.Greeting.At)
				came := 2 * ms(c.delays[c.chosen]) // the greeting, a way there and back after the connection
				assert.Equal(t, roundTrip+max(c.after, came), greeting, "nothing else was waited for")
				for rank, m := range EvidenceOf(report).TCP {
					assert.Equal(t, c.delays[rank] != never, m.Seen.Connected(), "%s", m.Address)
				}
			})
		})
	}
}

// TestOneAtATime has a server that serves one client at once: both modes are judged, on the same control connection.
func TestOneAtATime(t *testing.T) {
	climb(t, "ftp://"+serverPort.String(), Options{Require: "both"}, func(i *internet) {
		i.serveFTP(serverPort, func(s *ftpService) { s.limit = 1 })
	}, func(_ *internet, report *Report, _ time.Duration) {
		assert.Equal(t, VerdictOK, report.Verdict)
		assert.Subset(t, checkLines(report), []string{"ftp.passive pass", "ftp.active pass"})
		second := EvidenceOf(report).Control.Seen.Second
		require.NotNil(t, second)
		assert.Equal(t, 421, second.Code)
	})
}

func TestFamily(t *testing.T) {
	for family, tried := range map[int][]netip.Addr{0: {addr("::1"), addr("127.0.0.11")}, 4: {addr("127.0.0.11")}, 6: {addr("::1")}} {
		climb(t, "tcp://"+serverName+":22", Options{Family: family, Timeout: time.Second}, func(i *internet) {
			i.names[serverName] = []netip.Addr{addr("::1"), addr("127.0.0.11")}
		}, func(i *internet, _ *Report, _ time.Duration) {
			var dialed []netip.Addr
			for _, to := range i.dialed {
				dialed = append(dialed, to.Addr())
			}
			assert.ElementsMatch(t, tried, dialed)
		})
	}
}

func TestManyAddresses(t *testing.T) {
	climb(t, "tcp://"+serverName+":22", Options{Timeout: time.Second}, func(i *internet) {
		for n := range byte(200) {
			i.names[serverName] = append(i.names[serverName], netip.AddrFrom4([4]byte{127, 0, 1, n}))
		}
	}, func(i *internet, report *Report, _ time.Duration) {
		assert.Len(t, i.dialed, maxAddresses)
		assert.Len(t, EvidenceOf(report).TCP, maxAddresses)
		assert.Equal(t, VerdictFail, report.Verdict)
	})
}
