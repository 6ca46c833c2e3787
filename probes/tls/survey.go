package tls

import (
	"cmp"
	"context"
	"crypto/tls"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rung-cli/rung/probes"
)

// SurveyOptions say how a server is surveyed.
type SurveyOptions struct {
	// Address is the server, for the result.
	Address netip.AddrPort
	// ServerName is sent as SNI.
	ServerName string
	// Dial makes a connection that is ready for a ClientHello: for explicit FTPS, AUTH TLS was accepted on it. A fault ends the survey.
	Dial func(context.Context) (net.Conn, *probes.Fault)
	// Wait is the longest time for one answer; zero leaves it to the context.
	Wait time.Duration
}

// Bounds on a survey.
const (
	parallel       = 4  // connections at a time
	maxConnections = 96 // in all
)

// Enumerate finds out which versions, suites and groups a server accepts, by ClientHellos of our own making, one to a connection: the
// versions one by one, the groups one by one in the highest version accepted, and in each version the suites by elimination, the one
// chosen being left out of the next hello. Silence is no refusal: a server may serve one connection at a time. What it leaves unanswered is
// asked again on the only connection, as all is from then on; where it is silent even so, the survey ends. What was not asked, for want of
// connections or because the survey ended early, is marked so.
func Enumerate(ctx context.Context, o SurveyOptions) Survey {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := &surveyor{
		options: o, end: cancel,
		slots: make(chan struct{}, parallel), narrow: make(chan struct{}),
		left: maxConnections - 1, // one is kept for the control
	}
	versions := make([]versionSurvey, len(versionsSurveyed))
	sideBySide(versions, func(i int) { versions[i] = s.version(ctx, versionsSurveyed[i]) })
	result := Survey{Address: o.Address, Groups: s.groups(ctx, versions)}
	sideBySide(versions, func(i int) { s.suites(ctx, &versions[i]) })
	if s.doubtful {
		s.control(ctx, versions)
	}
	for _, v := range versions {
		result.Versions = append(result.Versions, v.SurveyedVersion)
	}
	result.Connections, result.Fault = s.connections, s.fault
	return result
}

var versionsSurveyed = []uint16{0x0300, tls.VersionTLS10, tls.VersionTLS11, tls.VersionTLS12, tls.VersionTLS13}

// What stands in place of a refusal where it is not known.
const (
	notAsked = "not asked" // the survey did not come to it
	noAnswer = "no answer" // and ended with this
)

// sideBySide calls f for each index of the list, side by side, and returns when all have ended.
func sideBySide[T any](list []T, f func(i int)) {
	var running sync.WaitGroup
	for i := range list {
		running.Go(func() { f(i) })
	}
	running.Wait()
}

// surveyor asks, within the bounds of a survey.
type surveyor struct {
	options SurveyOptions
	slots   chan struct{} // one is held for each connection
	narrows atomic.Bool   // only one of them is to be left
	narrow  chan struct{} // closed when that is so
	end     context.CancelFunc

	mu          sync.Mutex
	left        int // connections that may still be made
	connections int
	fault       *probes.Fault // that ended the survey
	doubtful    bool          // a hello was refused without an alert: a server that has had enough of us may do the same
}

// ask sends the hello on a connection of its own, and once more where it was not answered while others of ours may have stood in its way.
// It returns false where the survey has ended, or ends with this: what came then says nothing of what the server accepts.
func (s *surveyor) ask(ctx context.Context, o Offer) (Answer, bool) {
	o.ServerName = s.options.ServerName
	answer, alone, ok := s.askInTurn(ctx, o)
	if ok && answer.Fault.Of(probes.Timeout) && !alone {
		s.leaveOneSlot()
		answer, _, ok = s.askInTurn(ctx, o)
	}
	return answer, ok && s.goesOnAfter(answer)
}

// leaveOneSlot waits for the connections that are open, and lets there be only one at a time from then on.
func (s *surveyor) leaveOneSlot() {
	if s.narrows.CompareAndSwap(false, true) {
		for range parallel - 1 {
			s.slots <- struct{}{}
		}
		close(s.narrow)
	}
	<-s.narrow
}

// oneSlotLeft says that whoever holds a slot holds the only one.
func (s *surveyor) oneSlotLeft() bool {
	select {
	case <-s.narrow:
		return true
	default:
		return false
	}
}

// askInTurn asks when there is a slot, and says whether that was the only one. A connection that the server cuts may be lost by chance:
// that is repeated once. It returns false where the question was not put.
func (s *surveyor) askInTurn(ctx context.Context, o Offer) (answer Answer, alone, ok bool) {
	s.slots <- struct{}{}
	defer func() { <-s.slots }()
	alone = s.oneSlotLeft()
	answer, ok = s.askOnce(ctx, o, alone)
	if f := answer.Fault; ok && (f.Of(probes.Closed) || f.Of(probes.Reset)) && f.Step == "handshake" {
		answer, ok = s.askOnce(ctx, o, alone)
	}
	return answer, alone, ok
}

func (s *surveyor) askOnce(ctx context.Context, o Offer, alone bool) (Answer, bool) {
	if !s.takeOne() {
		return Answer{}, false
	}
	conn, fault := s.options.Dial(ctx)
	if fault != nil {
		return Answer{Fault: fault}, true
	}
	defer func() { _ = conn.Close() }()
	wait := s.options.Wait
	if !alone {
		wait = firstWait(conn, wait)
	}
	return Ask(ctx, conn, o, wait), true
}

// firstWait is how long a hello is waited for that is repeated if need be: a server that answers at all most often does within it.
func firstWait(conn net.Conn, longest time.Duration) time.Duration {
	wait := max(time.Second, 6*time.Duration(probes.TransportOf(conn).RTT))
	if longest > 0 {
		wait = min(wait, longest)
	}
	return wait
}

// takeOne takes one of the connections that are left.
func (s *surveyor) takeOne() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left == 0 || s.fault != nil {
		return false
	}
	s.left--
	s.connections++
	return true
}

// goesOnAfter says whether the survey does: silence, a failed connection and what is not TLS end it.
func (s *surveyor) goesOnAfter(a Answer) bool {
	f := a.Fault
	if f != nil && (f.Step != "handshake" || f.Of(probes.Interrupted) || f.Of(probes.Timeout) || a.Plaintext != "") {
		s.endWith(f)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.doubtful = s.doubtful || f != nil && !f.Of(probes.Alert)
	return s.fault == nil
}

// endWith ends the survey, for the first fault that does.
func (s *surveyor) endWith(f *probes.Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fault == nil {
		s.fault = f
		s.end()
	}
}

// versionSurvey is what the survey learns of one version.
type versionSurvey struct {
	SurveyedVersion

	number    uint16
	offer     Offer // the first that was accepted
	suite     string
	shortened bool // the offer is not of all suites: with all, it was refused
	silent    bool // the last suites were refused without an alert
}

// version asks for one version with all that it has, and where that is refused with less: old servers stop reading somewhere.
func (s *surveyor) version(ctx context.Context, number uint16) versionSurvey {
	v := versionSurvey{SurveyedVersion: SurveyedVersion{Version: versionName(number)}, number: number, offer: offerOf(number)}
	answer, ok := s.ask(ctx, v.offer)
	if ok && answer.Fault != nil && !answer.says(alertProtocolVersion) {
		v.shortened = true
		v.offer.Suites, v.offer.Groups, v.offer.Schemes = usableIn(commonSuites(), number), todaysGroups, todaysSchemes
		answer, ok = s.ask(ctx, v.offer)
	}
	switch {
	case !ok:
		v.Refusal = unknown(answer)
	case answer.Version == v.Version:
		v.Accepted, v.suite = true, answer.Suite
	default:
		v.Refusal = refusedBy(answer, answer.Version)
	}
	return v
}

// offerOf offers one version with all suites and groups that it has.
func offerOf(version uint16) Offer {
	o := Everything()
	o.Version, o.Versions, o.Suites, o.HelloOnly = version, nil, suitesFor(version), true
	if version == tls.VersionTLS13 {
		o.Version, o.Versions = tls.VersionTLS12, []uint16{version}
	}
	return o
}

// suites finds the suites of a version by elimination, beginning with the one that was chosen when all were offered.
func (s *surveyor) suites(ctx context.Context, v *versionSurvey) {
	if !v.Accepted {
		return
	}
	offer := v.offer
	chosen := v.suite
	for chosen != "" {
		at := slices.IndexFunc(offer.Suites, func(suite uint16) bool { return suiteName(suite) == chosen })
		if at < 0 {
			return // it was not offered, or is no longer
		}
		v.Suites = append(v.Suites, chosen)
		offer.Suites = slices.Delete(slices.Clone(offer.Suites), at, at+1)
		var ok bool
		if chosen, ok = s.next(ctx, v, offer); !ok {
			return
		}
	}
	v.Complete = !v.shortened
	v.Preference = s.preference(ctx, v)
}

// next is the suite that the server chooses, none where it refuses them all. An unexpected refusal is asked for once more. It returns
// false where the server could not be asked.
func (s *surveyor) next(ctx context.Context, v *versionSurvey, o Offer) (suite string, ok bool) {
	if len(o.Suites) == 0 {
		return "", true
	}
	answer, ok := s.ask(ctx, o)
	if ok && answer.Fault != nil && !answer.says(alertHandshakeFailure, alertProtocolVersion, alertInsufficientSecurity) {
		answer, ok = s.ask(ctx, o)
	}
	v.silent = ok && answer.Fault != nil && !answer.Fault.Of(probes.Alert)
	if answer.Version != v.Version {
		return "", ok
	}
	return answer.Suite, ok
}

// preference offers in reverse order what was accepted: a server that chooses as before goes by its own order.
func (s *surveyor) preference(ctx context.Context, v *versionSurvey) string {
	if len(v.Suites) < 2 {
		return ""
	}
	offer, last := v.offer, len(v.Suites)-1
	offer.Suites = slices.DeleteFunc(slices.Clone(offer.Suites), func(suite uint16) bool {
		return !slices.Contains(v.Suites, suiteName(suite))
	})
	slices.SortFunc(offer.Suites, func(a, b uint16) int {
		return slices.Index(v.Suites, suiteName(b)) - slices.Index(v.Suites, suiteName(a))
	})
	switch answer, _ := s.ask(ctx, offer); answer.Suite {
	case v.Suites[0]:
		return "server"
	case v.Suites[last]:
		return "client"
	}
	return "" // neither alone, as where the client's first suite decides between two kinds
}

// Groups that are asked for: those in use. In TLS 1.3 the post-quantum ones stand first.
var (
	groupsOfTLS13 = []uint16{
		groupX25519MLKEM768, groupP256MLKEM768, groupP384MLKEM1024, groupMLKEM512, groupMLKEM768, groupMLKEM1024,
		groupX25519Kyber768, groupP256Kyber768, groupX25519, 0x001e, groupP256, groupP384, groupP521,
		0x001f, 0x0020, 0x0021, 0x0100, 0x0101, 0x0102, 0x0103, 0x0104, 0x0029,
	}
	groupsOfTLS12 = []uint16{
		groupX25519, 0x001e, groupP256, groupP384, groupP521, 0x001a, 0x001b, 0x001c, 0x0016, 0x0015, 0x0013,
		0x000e, 0x000d, 0x000a, 0x0009,
	}
)

// groups asks for the groups of the highest version that is accepted. SSLv3 has none.
func (s *surveyor) groups(ctx context.Context, versions []versionSurvey) []SurveyedGroup {
	v := highest(versions)
	switch {
	case v == nil || v.number < tls.VersionTLS10:
		return nil
	case v.number == tls.VersionTLS13:
		return s.eachGroup(groupsOfTLS13, func(group uint16) (Answer, bool) {
			o := v.offer
			o.Groups, o.KeyShares = []uint16{group}, []uint16{group} // without a share, acceptance is a HelloRetryRequest
			return s.ask(ctx, o)
		})
	}
	return append(s.curves(ctx, v), s.finiteFields(ctx, v)...)
}

// curves asks for the elliptic curves of a version before TLS 1.3, with suites that use one.
func (s *surveyor) curves(ctx context.Context, v *versionSurvey) []SurveyedGroup {
	o := v.offer.onlySuites("TLS_ECDHE_ECDSA_", "TLS_ECDHE_RSA_", "TLS_ECDH_anon_")
	if answer, ok := s.ask(ctx, o); !ok || answer.Fault != nil {
		return nil // it uses none
	}
	return s.eachGroup(groupsOfTLS12, func(group uint16) (Answer, bool) {
		o := o
		o.Groups = []uint16{group}
		answer, ok := s.ask(ctx, o)
		if ok && answer.Fault.Of(probes.Alert) && strings.Contains(v.suite, "_ECDSA_") {
			o.Groups = []uint16{group, groupP256, groupP384, groupP521} // the certificate's curve must be among them (RFC 8422 §5.1)
			answer, ok = s.ask(ctx, o)
		}
		return answer, ok
	})
}

// finiteFields asks for the size of the field that a server before TLS 1.3 uses for Diffie-Hellman: it alone chooses it.
func (s *surveyor) finiteFields(ctx context.Context, v *versionSurvey) []SurveyedGroup {
	o := v.offer.onlySuites("TLS_DHE_RSA_", "TLS_DHE_DSS_", "TLS_DH_anon_")
	o.Groups = []uint16{}
	if answer, ok := s.ask(ctx, o); ok && answer.Group != "" {
		return []SurveyedGroup{{Group: answer.Group, Accepted: true}}
	}
	return nil
}

// onlySuites leaves the suites whose names begin so, and reads on to the ServerKeyExchange.
func (o Offer) onlySuites(prefixes ...string) Offer {
	o.HelloOnly = false
	o.Suites = slices.DeleteFunc(slices.Clone(o.Suites), func(suite uint16) bool {
		return !slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(suiteName(suite), prefix) })
	})
	return o
}

// eachGroup asks for the groups side by side.
func (s *surveyor) eachGroup(groups []uint16, ask func(group uint16) (Answer, bool)) []SurveyedGroup {
	result := make([]SurveyedGroup, len(groups))
	sideBySide(groups, func(i int) {
		g := &result[i]
		g.Group, g.PostQuantum = groupName(groups[i]), postQuantum(groups[i])
		switch answer, ok := ask(groups[i]); {
		case !ok:
			g.Refusal = unknown(answer)
		case answer.Group == g.Group:
			g.Accepted = true
		default:
			g.Refusal = refusedBy(answer, cmp.Or(answer.Group, "no group"))
		}
	})
	return result
}

func postQuantum(group uint16) bool {
	name := groupName(group)
	return strings.Contains(name, "MLKEM") || strings.Contains(name, "Kyber")
}

// control asks once more for what the server accepted at first. Where it refuses that now, its silent refusals say nothing: it has had
// enough of us.
func (s *surveyor) control(ctx context.Context, versions []versionSurvey) {
	v := highest(versions)
	if v == nil {
		return
	}
	s.left++ // one was kept for this
	answer, ok := s.ask(ctx, v.offer)
	if ok && answer.Version == v.Version {
		return
	}
	f := &probes.Fault{Step: "handshake", Kind: probes.Other, Message: "the server no longer answers a ClientHello that it accepted before"}
	if answer.Fault != nil {
		f.Kind = answer.Fault.Kind
	}
	s.endWith(f)
	for i := range versions {
		versions[i].Complete = versions[i].Complete && !versions[i].silent
	}
}

// highest is the highest version that is accepted, nil where none is.
func highest(versions []versionSurvey) *versionSurvey {
	for i := range slices.Backward(versions) {
		if versions[i].Accepted {
			return &versions[i]
		}
	}
	return nil
}

// Alerts by which a server refuses what a ClientHello offers (RFC 5246 §7.2.2).
const (
	alertHandshakeFailure     = 40
	alertProtocolVersion      = 70
	alertInsufficientSecurity = 71
)

// says tells whether the answer is one of the alerts.
func (a Answer) says(descriptions ...uint8) bool {
	return a.Fault.Of(probes.Alert) && a.Alert != nil && slices.Contains(descriptions, a.Alert.Description)
}

// unknown is why the server's view of what was asked for is not known.
func unknown(a Answer) string {
	if a.Fault.Of(probes.Timeout) {
		return noAnswer
	}
	return notAsked
}

// refusedBy is how a server refused what was asked for: by an alert, by closing the connection, or by choosing another thing.
func refusedBy(a Answer, chosen string) string {
	switch {
	case a.Fault == nil:
		return "chose " + chosen
	case a.Fault.Of(probes.Alert) && a.Alert != nil:
		return "alert " + a.Alert.Name
	}
	return string(a.Fault.Kind)
}
