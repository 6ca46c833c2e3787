package output

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/rung-cli/rung/checks"
	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp"
	"github.com/rung-cli/rung/probes/path"
)

// picture is an exchange between client and server as a sequence diagram: two lifelines, and an arrow between them for each thing
// that was sent, in the order of time.
type picture struct {
	title string
	// client and server are the lines above the lifelines.
	client, server []string
	arrows         []arrow
}

// arrow is one thing that was sent, or that never came.
type arrow struct {
	text string
	way  way
	fate fate
	// data says that it belongs to the data connection, and not to the control connection.
	data bool
	// client and server are the ports at both ends, as far as they are known: ":21".
	client, server string
	// device is a router on the way: the last that is known to have passed on what was lost, or the one that sent it back.
	device string
	// notes are what is to be said below.
	notes []string
}

// way is where an arrow points.
type way int

const (
	toServer way = iota
	toClient
	bothWays
)

// fate is what became of what was sent.
type fate int

const (
	arrived  fate = iota
	denied        // it arrived, and says no
	lost          // it never arrived
	unsent        // it never left
	stopped       // it came as far as the device
	sentBack      // the device sent it
)

// exchange collects the arrows of a picture.
type exchange struct {
	control, data ports
	arrows        []arrow
}

// ports are those of a connection, at the client and at the server: ":21", or empty where they are not known.
type ports struct{ client, server string }

func portOf(at netip.AddrPort) string {
	if !at.IsValid() {
		return ""
	}
	return fmt.Sprintf(":%d", at.Port())
}

func (e *exchange) onControl(a arrow) {
	a.client, a.server = e.control.client, e.control.server
	e.arrows = append(e.arrows, a)
}

func (e *exchange) onData(a arrow) {
	a.data, a.client, a.server = true, e.data.client, e.data.server
	e.arrows = append(e.arrows, a)
}

// ask draws a command and its reply. The fault counts only where its step is the command.
func (e *exchange) ask(command, line string, reply *ftp.Reply, fault *probes.Fault) {
	e.onControl(arrow{text: line})
	e.reply("reply to "+command, reply, faultAt(fault, command))
}

// reply draws a reply, or that the one which was waited for did not come.
func (e *exchange) reply(name string, reply *ftp.Reply, fault *probes.Fault) {
	switch {
	case reply != nil:
		a := arrow{text: replyText(reply), way: toClient, notes: faultNotes(fault, 0)}
		if !reply.Positive() || fault != nil {
			a.fate = denied
		}
		e.onControl(a)
	case fault != nil:
		e.onControl(arrow{text: name, way: toClient, fate: lost, notes: faultNotes(fault, 0)})
	}
}

// replyText is a reply on one line.
func replyText(reply *ftp.Reply) string {
	return fmt.Sprintf("%d %s", reply.Code, strings.ReplaceAll(reply.Text, "\n", " "))
}

// faultAt is the fault, if that is its step.
func faultAt(fault *probes.Fault, step string) *probes.Fault {
	if fault == nil || fault.Step != step {
		return nil
	}
	return fault
}

// faultNotes say what a fault is, as far as the arrow does not. The wait is the one that was in vain; zero where that is not known.
func faultNotes(fault *probes.Fault, wait probes.Millis) []string {
	if fault == nil {
		return nil
	}
	within := ""
	if wait > 0 {
		within = " within " + wait.String()
	}
	switch fault.Kind {
	case probes.Negative:
		return nil // the reply says so
	case probes.Timeout:
		return []string{"nothing came back" + within}
	case probes.Closed:
		return []string{"the connection was closed (FIN)"}
	case probes.Reset:
		return []string{"the connection was cut (RST)"}
	case probes.Interrupted:
		return []string{"we stopped waiting" + strings.Replace(within, "within", "after", 1)}
	}
	if fault.Message == "" {
		return []string{string(fault.Kind)}
	}
	return []string{fault.Message}
}

// passivePicture draws passive mode by the attempt that its verdict rests on. No picture is drawn where nothing was asked.
func passivePicture(p *ftp.Passive, control *ftp.Control, paths []*path.Result) (picture, bool) {
	drawn := drawnAttempt(p)
	if drawn == nil {
		return picture{}, false
	}
	e := exchange{control: controlPorts(control)}
	switch {
	case drawn != p.PASV:
	case hasSession(control, "PASV"):
		e.control.client = "" // another control connection, whose port is not known
	case p.EPSV != nil && p.EPSV.Fault != nil && !p.EPSV.Used.IsValid():
		e.ask("EPSV", "EPSV", p.EPSV.Reply, p.EPSV.Fault)
	}
	e.passive(p, drawn, paths)
	if drawn == p.PASV && p.Followed != nil {
		e.passive(p, p.Followed, paths)
	}
	return picture{
		title: "Passive mode", client: []string{"client " + addressText(p.Local)}, server: []string{"server " + addressText(p.Peer)},
		arrows: e.arrows,
	}, true
}

// drawnAttempt is EPSV's; or PASV's where EPSV gave no port, or where EPSV works and PASV does not, or has something to be seen.
func drawnAttempt(p *ftp.Passive) *ftp.PassiveAttempt {
	switch epsv, pasv := p.EPSV, p.PASV; {
	case epsv == nil:
		return pasv
	case pasv == nil:
		return epsv
	case !epsv.Used.IsValid():
		return pasv
	case epsv.Worked() && (pasv.Fault != nil || pasv.Announced.Addr() != p.Peer):
		return pasv
	}
	return p.EPSV
}

func addressText(addr netip.Addr) string {
	if !addr.IsValid() {
		return ""
	}
	return addr.String()
}

func controlPorts(control *ftp.Control) ports {
	if control == nil {
		return ports{}
	}
	return ports{client: portOf(control.Local), server: portOf(control.Peer)}
}

func hasSession(control *ftp.Control, purpose string) bool {
	return control != nil && slices.ContainsFunc(control.Sessions, func(s ftp.Session) bool { return s.Purpose == purpose })
}

func (e *exchange) passive(p *ftp.Passive, a *ftp.PassiveAttempt, paths []*path.Result) {
	e.ask(a.Command, a.Command, a.Reply, a.Fault)
	if !a.Used.IsValid() {
		return
	}
	e.data = ports{server: portOf(a.Used)}
	first := len(e.arrows)
	e.connect(p, a, paths)
	if e.arrows[first].notes = slices.Concat(usedNotes(p, a), e.arrows[first].notes); a.Transfer != nil {
		e.ask(a.Transfer.Command, a.Transfer.Command, a.Transfer.Opening, a.Transfer.Fault)
		e.transfer(a.Transfer)
	}
}

// usedNotes tell apart the address announced and the address used.
func usedNotes(p *ftp.Passive, a *ftp.PassiveAttempt) []string {
	switch {
	case a.Used != a.Announced:
		return []string{fmt.Sprintf("to %s; announced was %s", a.Used, a.Announced)}
	case a.Used.Addr() != p.Peer:
		return []string{fmt.Sprintf("to %s, as announced", a.Used)}
	}
	return nil
}

// connect draws our connection to the server's data port, one arrow at least.
func (e *exchange) connect(p *ftp.Passive, a *ftp.PassiveAttempt, paths []*path.Result) {
	syn := arrow{text: "SYN"}
	after := " after " + a.ConnectTook.String()
	switch fault := a.Fault; {
	case a.Connected:
		e.onData(syn)
		e.onData(arrow{text: "SYN-ACK" + after, way: toClient})
	case fault != nil && fault.ICMP != nil:
		e.rejected(p, fault)
	case fault.Of(probes.Refused):
		e.onData(syn)
		e.onData(arrow{text: "RST" + after, way: toClient, fate: denied})
	case fault != nil && !fault.Of(probes.Timeout) && !fault.Of(probes.Interrupted): // our own system's
		syn.fate, syn.notes = unsent, faultNotes(fault, 0)
		e.onData(syn)
	default:
		syn.fate, syn.notes, syn.device = lost, faultNotes(fault, a.ConnectTook), lastRouter(paths, a.Used)
		if syn.device != "" {
			syn.notes = append(syn.notes, "the last router that answers is "+syn.device)
		}
		syn.notes = append(syn.notes, silenceNotes(p, a)...)
		e.onData(syn)
	}
}

// rejected draws a SYN to which a device on the way answered, or our own system in one's place.
func (e *exchange) rejected(p *ftp.Passive, fault *probes.Fault) {
	icmp := fault.ICMP
	device := icmp.From.String()
	if icmp.From == p.Local {
		device = "this machine"
	}
	e.onData(arrow{text: "SYN", fate: stopped, device: device})
	e.onData(arrow{
		text: fmt.Sprintf("%s %d/%d", icmp.Protocol(), icmp.Type, icmp.Code), way: toClient, fate: sentBack, device: device,
		notes: []string{fmt.Sprintf("%s answered: %s", device, cmp.Or(icmpNames[[2]uint8{icmp.Type, icmp.Code}], string(fault.Kind)))},
	})
}

// icmpNames are the errors of ICMP (RFC 792, RFC 1122 §3.2.2.1, RFC 1812 §5.2.7.1), and of ICMPv6 (RFC 4443 §3.1), whose type is 1.
var icmpNames = map[[2]uint8]string{
	{3, 0}: "network unreachable", {3, 1}: "host unreachable", {3, 2}: "protocol unreachable", {3, 3}: "port unreachable",
	{3, 6}: "network unknown", {3, 7}: "host unknown", {3, 9}: "network administratively prohibited",
	{3, 10}: "host administratively prohibited", {3, 13}: "administratively prohibited",
	{1, 0}: "no route", {1, 1}: "administratively prohibited", {1, 2}: "beyond the scope of the source address",
	{1, 3}: "address unreachable", {1, 4}: "port unreachable", {1, 5}: "source address failed policy", {1, 6}: "route rejected",
}

// silenceNotes say what else is known of a SYN that nothing answered.
func silenceNotes(p *ftp.Passive, a *ftp.PassiveAttempt) (notes []string) {
	if n := a.Transport.Retransmits; n > 0 {
		notes = append(notes, fmt.Sprintf("the SYN was sent %d times", n+1))
	}
	if p.Alive != nil && a.Fault.Of(probes.Timeout) {
		notes = append(notes, fmt.Sprintf("meanwhile the control connection answered: %d", p.Alive.Code))
	}
	return notes
}

// lastRouter is the last device that SYNs to a port are known to have reached, where they did not arrive.
func lastRouter(paths []*path.Result, port netip.AddrPort) string {
	for _, way := range paths {
		if way.To == port && !way.Reached {
			return addressText(way.LastRouter().From)
		}
	}
	return ""
}

// transfer draws what came of a transfer whose opening reply has been drawn: TLS on the data connection, the data, the final reply.
func (e *exchange) transfer(t *ftp.Transfer) {
	unsecured := faultAt(t.Fault, "data TLS handshake")
	if unsecured != nil || t.Secured {
		e.handshake(t, unsecured)
	}
	if failed := faultAt(t.Fault, "data"); unsecured == nil && (failed != nil || t.Bytes > 0 || t.End != "") {
		e.moved(t, failed)
	}
	if !t.Opening.Done() { // a server that leaves out the preliminary reply sends one only
		e.reply("final reply", t.Final, faultAt(t.Fault, "final reply"))
	}
}

func (e *exchange) handshake(t *ftp.Transfer, failed *probes.Fault) {
	a := arrow{text: "TLS, full handshake", way: bothWays, notes: faultNotes(failed, 0)}
	switch {
	case failed != nil:
		a.text, a.way, a.fate = "TLS handshake", toServer, lost
	case t.Resumed:
		a.text = "TLS, resumed session"
	}
	if failed == nil && t.Offered && !t.Resumed {
		a.notes = append(a.notes, "we offered to resume the control connection's session")
	}
	if t.InClear != "" {
		line, _, _ := strings.Cut(t.InClear, "\n")
		a.notes = append(a.notes, "in clear came: "+strings.TrimRight(line, "\r"))
	}
	e.onData(a)
}

// moved draws the data.
func (e *exchange) moved(t *ftp.Transfer, failed *probes.Fault) {
	a := arrow{text: dataName(t.Command) + ", " + counted(t.Bytes, "byte"), way: toClient, notes: faultNotes(failed, 0)}
	if t.Command == "STOR" {
		a.way = toServer
	}
	switch {
	case failed != nil && t.Bytes == 0:
		a.text, a.fate = dataName(t.Command), lost
	case failed != nil:
		a.fate = denied
	case t.Bytes == 0 && t.Fault != nil:
		a.text = "FIN, no data"
	case t.End == "truncated":
		a.fate, a.notes = denied, append(a.notes, "the connection ended within a TLS record")
	case t.End == "cut":
		a.notes = append(a.notes, "we read no further")
	case t.NoCloseNotify:
		a.notes = append(a.notes, "the connection ended without TLS's close_notify")
	}
	e.onData(a)
}

func dataName(command string) string {
	if command == "LIST" {
		return "listing"
	}
	return "file"
}

// activePicture draws active mode by its last attempt, with the commands that were refused before.
func activePicture(a *ftp.Active, control *ftp.Control) (picture, bool) {
	if len(a.Attempts) == 0 {
		return picture{}, false
	}
	e := exchange{control: controlPorts(control)}
	if hasSession(control, "active") {
		e.control.client = "" // another control connection, whose port is not known
	}
	for i := range a.Attempts {
		e.active(a, &a.Attempts[i], control)
	}
	drawn := picture{
		title: "Active mode", client: []string{"client " + addressText(a.Local)}, server: []string{"server " + addressText(a.Peer)},
		arrows: e.arrows,
	}
	if a.Seen.IsValid() && a.Seen != a.Local {
		drawn.client = append(drawn.client, "the server sees "+a.Seen.String())
	}
	return drawn, true
}

func (e *exchange) active(a *ftp.Active, attempt *ftp.ActiveAttempt, control *ftp.Control) {
	e.ask(attempt.Command, announcement(attempt), attempt.Reply, attempt.Fault)
	t := attempt.Transfer
	if t == nil {
		return
	}
	e.data = ports{client: portOf(attempt.Announced), server: portOf(attempt.From)}
	e.onControl(arrow{text: t.Command})
	opened := t.Opening.Positive()
	if opened {
		e.reply("", t.Opening, nil)
	}
	switch {
	case attempt.From.IsValid():
		e.onData(arrow{text: fmt.Sprintf("SYN, %s after %s", attempt.ConnectTook, t.Command), way: toClient, notes: fromNotes(a, attempt)})
		e.onData(arrow{text: "SYN-ACK"})
	case opened, t.Opening == nil, t.Opening.Code == 425: // can't open data connection (RFC 959 §4.2.1): it tried
		e.data.server = usualDataPort(control)
		e.onData(arrow{text: "SYN", way: toClient, fate: lost, notes: missedNotes(a, attempt)})
	}
	if !opened {
		e.reply("reply to "+t.Command, t.Opening, faultAt(t.Fault, t.Command))
	}
	e.transfer(t)
}

// announcement is the command with the listener's address as it travels (RFC 959 §4.1.2, RFC 2428 §2).
func announcement(a *ftp.ActiveAttempt) string {
	addr, port := a.Announced.Addr(), a.Announced.Port()
	switch {
	case !addr.IsValid():
		return a.Command
	case a.Command == "PORT":
		return fmt.Sprintf("PORT %s,%d,%d", strings.ReplaceAll(addr.String(), ".", ","), port>>8, port&0xff)
	case addr.Is6():
		return fmt.Sprintf("%s |2|%s|%d|", a.Command, addr, port)
	}
	return fmt.Sprintf("%s |1|%s|%d|", a.Command, addr, port)
}

// usualDataPort is the port next below that of the control connection, from which servers connect as a rule (RFC 959 §3.2). Of a
// connection that never came nobody knows, which the question mark says.
func usualDataPort(control *ftp.Control) string {
	if control == nil || control.Peer.Port() == 0 {
		return ""
	}
	return fmt.Sprintf(":%d?", control.Peer.Port()-1)
}

func fromNotes(a *ftp.Active, attempt *ftp.ActiveAttempt) []string {
	if attempt.From.Addr() == a.Peer {
		return nil
	}
	return []string{fmt.Sprintf("from %s, which is not the control connection's peer", attempt.From)}
}

// missedNotes say what is known of a connection to our listener that never came.
func missedNotes(a *ftp.Active, attempt *ftp.ActiveAttempt) []string {
	notes := faultNotes(attempt.Fault, attempt.ConnectTook)
	if attempt.Fault.Of(probes.Timeout) {
		notes = []string{fmt.Sprintf("nothing connected to port %d within %s", attempt.Announced.Port(), attempt.ConnectTook)}
	}
	switch announced := attempt.Announced.Addr(); {
	case a.Seen.IsValid() && a.Seen != announced:
		notes = append(notes, fmt.Sprintf("the server was given %s, and sees us as %s", announced, a.Seen))
	case announced != a.Local:
		notes = append(notes, fmt.Sprintf("the server was given %s", announced))
	}
	if attempt.Dropped > 0 {
		notes = append(notes, counted(attempt.Dropped, "packet")+" reached this machine meanwhile, and nothing on it")
	}
	for _, other := range attempt.Others {
		notes = append(notes, fmt.Sprintf("%s connected, and is not the server", other))
	}
	return notes
}

// dataChannels writes the matrix of FTP data connections and a picture of each data mode: of all, or only what helps to see what is
// wrong. That is the connections that were tried, where one failed, and the first exchange in which a cause shows.
func (p *page) dataChannels(report *checks.Report, all bool) {
	if cells := report.DataChannels; all {
		p.matrix(report, cells)
	} else if slices.ContainsFunc(cells, func(c checks.DataChannel) bool { return troublesome(c, report) }) {
		same := func(c checks.DataChannel) checks.DataChannel { return c }
		p.matrix(report, distinct(those(cells, wasTried), nil, same))
	}
	paths := observed[path.Result](report.Checks)
	var drawn []string // the causes of which there is a picture
	for _, r := range report.Checks {
		scene, ok := dataMode(r, report, paths)
		known := len(r.CausedBy) > 0 && !slices.ContainsFunc(r.CausedBy, func(id string) bool { return !slices.Contains(drawn, id) })
		if ok && (all || troubled(r) && scene.tells() && !known) {
			p.draw(scene, p.alarm(r, report.Causes))
			drawn = append(drawn, r.CausedBy...)
		}
	}
}

// troublesome says that a data connection failed, and that its mode is in trouble.
func troublesome(c checks.DataChannel, report *checks.Report) bool {
	return c.Status == checks.Fail && slices.ContainsFunc(report.Checks, func(r checks.Result) bool {
		return ofMode(c, r) && troubled(r)
	})
}

// troubled says that a check failed or warned, be it for information only.
func troubled(r checks.Result) bool { return r.Status == checks.Fail || r.Status == checks.Warn }

// tells says that a picture shows something out of the ordinary.
func (s picture) tells() bool {
	return slices.ContainsFunc(s.arrows, func(a arrow) bool { return a.fate != arrived || len(a.notes) > 0 })
}

// dataMode is the picture of a check of a data mode.
func dataMode(r checks.Result, report *checks.Report, paths []*path.Result) (picture, bool) {
	control := beside[ftp.Control](report.Checks, "ftp.control", r.Address)
	switch seen := r.Observation.(type) {
	case *ftp.Passive:
		return passivePicture(seen, control, paths)
	case *ftp.Active:
		return activePicture(seen, control)
	}
	return picture{}, false
}

// observed are the observations of a kind.
func observed[T any](results []checks.Result) (found []*T) {
	for _, r := range results {
		if seen, ok := r.Observation.(*T); ok {
			found = append(found, seen)
		}
	}
	return found
}

// beside is the observation of a check at the same address, or of the only one of that name.
func beside[T any](results []checks.Result, id, address string) *T {
	var found []*T
	for _, r := range results {
		seen, ok := r.Observation.(*T)
		switch {
		case r.ID != id || !ok:
		case r.Address == address:
			return seen
		default:
			found = append(found, seen)
		}
	}
	if len(found) == 1 {
		return found[0]
	}
	return nil
}
