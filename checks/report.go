// Package checks decides what to measure of a target, runs the measurements, and judges what was seen: it names root causes,
// each with its proof.
package checks

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/clock"
	"github.com/rung-cli/rung/probes/dns"
	"github.com/rung-cli/rung/probes/firewall"
	"github.com/rung-cli/rung/probes/ftp"
	"github.com/rung-cli/rung/probes/ftpclient"
	"github.com/rung-cli/rung/probes/http"
	"github.com/rung-cli/rung/probes/link"
	"github.com/rung-cli/rung/probes/path"
	"github.com/rung-cli/rung/probes/pki"
	"github.com/rung-cli/rung/probes/proxy"
	"github.com/rung-cli/rung/probes/route"
	"github.com/rung-cli/rung/probes/tcp"
	"github.com/rung-cli/rung/probes/tls"
)

// Schema names the version of the report's form. It changes when a field is renamed, removed or means something else.
const Schema = "rung.report/v1"

// Report is the diagnosis of one target: the evidence, and what follows from it. Its JSON form is the contract with scripts,
// tickets and monitoring; the comments on these types are the schema's descriptions.
type Report struct {
	// Schema is the version of this form: "rung.report/v1".
	Schema string `json:"schema"`
	// Tool is the program that measured.
	Tool Tool `json:"tool"`
	// Target is what was to be reached; null for this machine's own network.
	Target *Target `json:"target"`
	// Vantage is where it was measured from.
	Vantage Vantage `json:"vantage"`
	// Settings are the options that the verdict depends on.
	Settings Settings `json:"settings"`
	// Started is this machine's time at the start, in UTC.
	Started time.Time `json:"started"`
	// Duration is the length of the whole diagnosis.
	Duration probes.Millis `json:"duration_ms"`
	// Verdict is the worst severity among the causes; "ok" only if every check that the target needs passed.
	Verdict Verdict `json:"verdict"`
	// Summary is the verdict in one sentence.
	Summary string `json:"summary"`
	// Interrupted says why the diagnosis ended before its time, if it did: "deadline" or "interrupted".
	Interrupted string `json:"interrupted,omitempty"`
	// DataChannels are the FTP data connections that were tried, or were not and why: a cell of the matrix each.
	DataChannels []DataChannel `json:"data_channels,omitempty"`
	// Translation says whether our address is translated on the way to the server, where FTP told.
	Translation *Translation `json:"translation,omitempty"`
	// FirstConnection says, of a target with several addresses, which of them a client would come to use, and after how long.
	FirstConnection *FirstConnection `json:"first_connection,omitempty"`
	// Causes are the root causes alone, the lowest layer first; never null.
	Causes []Cause `json:"causes"`
	// Checks are all checks, from the bottom of the ladder to its top; never null.
	Checks []Result `json:"checks"`
}

// Tool is the program that measured.
type Tool struct {
	// Name is "rung".
	Name string `json:"name"`
	// Version is its version.
	Version string `json:"version"`
	// OS is the operating system, as Go names it.
	OS string `json:"os"`
	// Arch is the processor, as Go names it.
	Arch string `json:"arch"`
}

// Vantage is where it was measured from.
type Vantage struct {
	// Hostname is this machine's name.
	Hostname string `json:"hostname"`
	// Privileged says that the program ran with the rights of root.
	Privileged bool `json:"privileged"`
}

// Settings are the options that the verdict depends on.
type Settings struct {
	// Require names the FTP data modes that must work: "passive", "active", "both" or "any".
	Require string `json:"require,omitempty"`
	// Timeout is the longest wait for one network event.
	Timeout probes.Millis `json:"timeout_ms"`
	// Deadline is the longest time for the whole target.
	Deadline probes.Millis `json:"deadline_ms"`
	// LoginGiven says that the user gave a login; otherwise it is anonymous.
	LoginGiven bool `json:"login_given,omitempty"`
	// NoLogin says that nothing beyond the greeting, FEAT and TLS was to be tried.
	NoLogin bool `json:"no_login,omitempty"`
	// Family is 4 or 6 where only that family was to be used.
	Family int `json:"family,omitempty"`
	// Interface is the one that every packet was to leave by, where the user named one.
	Interface string `json:"interface,omitempty"`
	// Source is the address that every packet was to come from, where the user named one.
	Source netip.Addr `json:"source,omitzero"`
	// TracePath says that the way to the target was to be traced even where all is well.
	TracePath bool `json:"trace_path,omitempty"`
	// ClearLogin says that the login may be sent without TLS as well, to compare.
	ClearLogin bool `json:"clear_login,omitempty"`
	// ClearData says that data connections were to go in clear beside a protected control connection (PROT C).
	ClearData bool `json:"clear_data,omitempty"`
	// FullTLS says that data connections were not to resume the control connection's TLS session.
	FullTLS bool `json:"full_tls,omitempty"`
	// FollowPASV says that data connections were to go to the address that the server announces, too.
	FollowPASV bool `json:"follow_pasv,omitempty"`
	// Survey says that what the server accepts was to be enumerated.
	Survey bool `json:"tls_survey,omitempty"`
	// CheckRevocation says that the issuers were to be asked whether the certificates still stand.
	CheckRevocation bool `json:"check_revocation,omitempty"`
	// CertWarn is how much of its time a certificate must have left not to be a warning.
	CertWarn probes.Millis `json:"cert_warn_ms,omitempty"`
	// CertFail is how much of its time a certificate must have left not to be a failure.
	CertFail probes.Millis `json:"cert_fail_ms,omitempty"`
}

// Verdict is the whole report in a word.
type Verdict string

// The verdicts.
const (
	VerdictOK      Verdict = "ok"
	VerdictWarn    Verdict = "warn"
	VerdictFail    Verdict = "fail"
	VerdictUnknown Verdict = "unknown"
)

// ExitStatus is what the program ends with, as monitoring plugins do: 0 every layer works, 1 works with warnings, 2 at least
// one failure, 3 no verdict.
func (v Verdict) ExitStatus() int {
	switch v {
	case VerdictOK:
		return 0
	case VerdictWarn:
		return 1
	case VerdictFail:
		return 2
	}
	return 3
}

// ExitStatus is what the program ends with after these reports: the worst target decides, and a user's interruption leaves no
// verdict.
func ExitStatus(reports []*Report) int {
	worst := VerdictOK
	rank := []Verdict{VerdictOK, VerdictWarn, VerdictUnknown, VerdictFail}
	for _, r := range reports {
		if r.Interrupted == Interrupted {
			return VerdictUnknown.ExitStatus()
		}
		if slices.Index(rank, r.Verdict) > slices.Index(rank, worst) {
			worst = r.Verdict
		}
	}
	return worst.ExitStatus()
}

// Layer is a layer of TCP/IP (RFC 1122 §1.1.3), or the host itself.
type Layer string

// The layers, lowest first.
const (
	Host        Layer = "host"
	Link        Layer = "link"
	Internet    Layer = "internet"
	Transport   Layer = "transport"
	Application Layer = "application"
)

// Layers are all layers, lowest first.
var Layers = []Layer{Host, Link, Internet, Transport, Application}

// Status is what came of one check.
type Status string

// The statuses. A skipped check says in its summary why.
const (
	Pass Status = "pass"
	Warn Status = "warn"
	Fail Status = "fail"
	Skip Status = "skip"
)

// Result is one check of a report.
type Result struct {
	// ID is the check's stable name: "ftp.passive".
	ID string `json:"id"`
	// Layer is where in the stack it belongs.
	Layer Layer `json:"layer"`
	// Address is the address that it speaks of; several results may share an id.
	Address string `json:"address,omitempty"`
	// Status is "pass", "warn", "fail" or "skip".
	Status Status `json:"status"`
	// Summary says in a sentence what was found, or why the check was skipped.
	Summary string `json:"summary"`
	// Started is when the check began, counted from the start of the target.
	Started probes.Millis `json:"started_ms"`
	// Duration is how long it took.
	Duration probes.Millis `json:"duration_ms"`
	// CausedBy are the ids of the causes that explain a check that did not pass.
	CausedBy []string `json:"caused_by,omitempty"`
	// Finished is false where the diagnosis ended before the check did.
	Finished bool `json:"finished"`
	// Observation holds the facts that the probe saw; its type belongs to the check's id, and it is absent where nothing was
	// measured.
	Observation any `json:"observation,omitempty"`
}

// Observations has, for each check id, a new value of the type of its observation.
var Observations = map[string]func() any{
	"firewall":        func() any { return new(firewall.Result) },
	"link":            func() any { return new(link.Result) },
	"route":           func() any { return new(route.Result) },
	"gateway":         func() any { return new(route.Neighbour) },
	"dns":             func() any { return new(dns.Result) },
	"path":            func() any { return new(path.Result) },
	"tcp":             func() any { return new(tcp.Result) },
	"tls.handshake":   func() any { return new(tls.Handshake) },
	"tls.certificate": func() any { return new(pki.Chain) },
	"tls.revocation":  func() any { return new(pki.Revocation) },
	"tls.survey":      func() any { return new(tls.Survey) },
	"http":            func() any { return new(http.Result) },
	"anchor":          func() any { return new(Anchor) },
	"nowhere":         func() any { return new(Nowhere) },
	"proxy":           func() any { return new(proxy.Result) },
	"clock":           func() any { return new(clock.Result) },
	"ftp.control":     func() any { return new(ftp.Control) },
	"ftp.tls":         func() any { return new(ftp.Security) },
	"ftp.passive":     func() any { return new(ftp.Passive) },
	"ftp.active":      func() any { return new(ftp.Active) },
	"ftp.client":      func() any { return new(ftpclient.Result) },
}

// UnmarshalJSON reads a result with its observation in the type that belongs to its id.
func (r *Result) UnmarshalJSON(data []byte) error {
	type plain Result
	raw := struct {
		*plain
		Observation json.RawMessage `json:"observation"`
	}{plain: (*plain)(r)}
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	if len(raw.Observation) == 0 || string(raw.Observation) == "null" {
		return nil
	}
	newObservation, ok := Observations[r.ID]
	if !ok {
		return fmt.Errorf("check %q is not one that this version knows", r.ID)
	}
	r.Observation = newObservation()
	if err := json.Unmarshal(raw.Observation, r.Observation); err != nil {
		return fmt.Errorf("observation of check %q: %w", r.ID, err)
	}
	return nil
}
