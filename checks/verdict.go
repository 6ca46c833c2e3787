package checks

import (
	"fmt"
	"net/netip"
	"slices"
)

// Judge reaches the verdict: a pure function of the evidence, without a look at the network or the clock. What is known of the
// lower layers is settled first, so that what merely follows from it is never blamed above.
func Judge(e *Evidence) *Report {
	b := &bench{e: e, s: &e.Service, blocked: map[netip.Addr][]string{}, deadPorts: map[netip.AddrPort][]string{},
		noEgress: map[int]string{}, served: map[string]bool{}, broken: map[*Service]bool{}}
	if hasPort(e.Target) {
		b.judgeProxy()
		b.acceptsAll = b.acceptsEverything()
	}
	b.judgeLink()
	b.judgeRoutes()
	b.judgeGateways()
	b.judgeEgress()
	b.judgePortal()
	switch {
	case e.Target == nil:
		b.judgeResolvers()
		b.judgeOwnFirewall()
	case hasName(e.Target):
		b.judgeDNS()
	}
	if hasPort(e.Target) {
		b.judgeTCP()
		b.judgeFirewall()
	}
	b.judgeAnchors()
	b.judgeResolving()
	b.eachService(b.judgeService)
	b.compareLeaves()
	if hasPort(e.Target) {
		b.judgeNowhere()
	}
	b.judgeClock()
	b.judgePaths()
	b.lowerWhatTheSystemHides()
	b.leaveNothingUnexplained()
	b.lowerWhatAnotherAddressServes()
	return b.report()
}

// bench is a judgement under way: what was found so far.
type bench struct {
	e          *Evidence
	s          *Service // the one that is judged, at one of the target's addresses
	results    []Result
	causes     []*Cause
	blocked    map[netip.Addr][]string     // the causes for which nothing gets through to an address
	deadPorts  map[netip.AddrPort][]string // the causes for which data ports are dead
	noPassive  []string                    // the causes for which passive mode does not work
	noEgress   map[int]string              // the cause for which nothing of a family gets out of our own network
	proxyOnly  string                      // the cause for which the target is not reached directly
	acceptsAll bool                        // a middlebox accepts connections in the name of any host
	portal     *Cause                      // the captive portal that answers in the place of others; nil for none
	noName     []string                    // the causes for which there is no address
	noLogin    []string                    // the causes for which there is no login
	badTLS     []string                    // the causes for which there is no TLS
	badChain   []string                    // the causes for which the certificate is not good
	served     map[string]bool             // the causes that were found above TCP
	broken     map[*Service]bool           // the services at which something fails
}

// lowerWhatAnotherAddressServes makes a warning of what fails at one address of the target where all works at another.
func (b *bench) lowerWhatAnotherAddressServes() {
	works := slices.ContainsFunc(b.e.services(), func(s *Service) bool {
		return !b.broken[s] && (s.Control != nil || s.Handshake != nil || s.HTTP != nil)
	})
	for _, cause := range b.causes {
		if works && len(b.e.Others) > 0 && b.served[cause.ID] && cause.Severity == SeverityFail {
			cause.as(SeverityWarn)
		}
	}
}

// judgeService judges what was seen above TCP at one address.
func (b *bench) judgeService() {
	b.noLogin, b.badTLS, b.noPassive = nil, nil, nil
	if speaksFTP(b.e.Target) {
		b.judgeControl()
	}
	if speaksTLS(b.e.Target) || speaksFTPS(b.e.Target) {
		b.judgeHandshake()
		b.judgeCertificate()
		b.judgeRevocation()
		b.judgeSurvey()
	}
	if speaksFTPS(b.e.Target) {
		b.judgeSecurity()
	}
	if speaksHTTP(b.e.Target) {
		b.judgeHTTP()
	}
	if speaksFTP(b.e.Target) {
		b.judgePassive()
		b.judgeActive()
		b.judgeClient()
	}
}

// eachService calls f with each service before the bench, and leaves the first there.
func (b *bench) eachService(f func()) {
	for _, s := range b.e.services() {
		b.s = s
		f()
	}
	b.s = &b.e.Service
}

// found adds a check's result: its status, what to say of it, and the causes that it proves. A check that does not pass names
// those causes as its own explanation.
func (b *bench) found(r Result, status Status, summary string, causes ...*Cause) {
	r.Status, r.Summary = status, summary
	if ofService(r) {
		r.Address = b.s.At
	}
	for _, cause := range causes {
		b.blame(cause)
		if ofService(r) {
			b.served[cause.ID] = true
			b.broken[b.s] = b.broken[b.s] || cause.Severity == SeverityFail
		}
		if status != Pass && !slices.Contains(r.CausedBy, cause.ID) {
			r.CausedBy = append(r.CausedBy, cause.ID)
		}
	}
	b.results = append(b.results, r)
}

// needless adds the result of a check for which this target has no use.
func (b *bench) needless(r Result, summary string) {
	r.Finished = true
	b.found(r, Skip, summary)
}

// follows adds the result of a check that could not do better: something below it is broken.
func (b *bench) follows(r Result, status Status, summary string, causes []string) {
	r.CausedBy = slices.Compact(slices.Sorted(slices.Values(causes)))
	b.found(r, status, summary)
}

// unfinished adds the result of a check that the end of the diagnosis came before, and says whether that is so.
func (b *bench) unfinished(r Result) bool {
	if r.Finished || b.e.Interrupted == "" {
		return false
	}
	b.cutShort(r)
	return true
}

// cutShort adds the result of a check that the end of the diagnosis broke off.
func (b *bench) cutShort(r Result) {
	r.Finished = false
	b.found(r, Skip, "not finished: "+b.whyInterrupted())
}

func (b *bench) whyInterrupted() string {
	if b.e.Interrupted == DeadlinePassed {
		return fmt.Sprintf("the deadline of %s passed", b.e.Settings.Deadline)
	}
	return b.e.Interrupted
}

// blamed says that a cause was named.
func (b *bench) blamed(id string) bool {
	return slices.ContainsFunc(b.causes, func(c *Cause) bool { return c.ID == id })
}

// blame adds a cause, or strengthens the one of the same id.
func (b *bench) blame(cause *Cause) {
	for _, known := range b.causes {
		if known.ID == cause.ID {
			known.merge(cause)
			return
		}
	}
	b.causes = append(b.causes, cause)
}

// leaveNothingUnexplained adds a cause for every failed check that none explains: never a failed check under an ok verdict.
func (b *bench) leaveNothingUnexplained() {
	for i := range b.results {
		r := &b.results[i]
		if r.Status != Fail || len(r.CausedBy) > 0 {
			continue
		}
		if ofService(*r) && slices.ContainsFunc(b.causes, func(c *Cause) bool { return c.ID == "ftp.control.desync" }) {
			r.CausedBy = []string{"ftp.control.desync"} // replies that lag behind break whatever rests on them
			continue
		}
		if ofService(*r) {
			b.s = b.e.service(r.Address) // what is needed there depends on what works there
		}
		cause := newCause(unexplained+"."+r.ID, r.Address, r.Summary, r.Summary).restsOn(r.ID).
			mend("attach this report to a question to the operator of %s: rung saw the failure, and not its reason", hostOf(b.e.Target))
		cause.Layer, cause.Confidence = r.Layer, Unknown
		cause.Settle = "the dialogue of the same attempt as the other side logged it"
		cause.Severity = b.need(r.ID)
		if r.ID == "tcp" && b.reachedOtherwise() {
			cause.as(SeverityWarn)
		}
		if ofService(*r) {
			b.served[cause.ID], b.broken[b.s] = true, b.broken[b.s] || cause.Severity == SeverityFail
		}
		b.s = &b.e.Service
		r.CausedBy = []string{cause.ID}
		b.blame(cause)
	}
}

// explaining are the checks that explain what others find, and decide nothing.
var explaining = []string{"ftp.client", "path", "clock", "firewall", "anchor", "nowhere", "tls.survey", "tls.revocation", "proxy"}

// need is the severity of what breaks a check: fail where the target needs it, info where it does not. A data mode that is
// one of "any" is a warning as long as the other works.
func (b *bench) need(check string) Severity {
	otherWorks := map[string]func() bool{"ftp.passive": b.activeWorks, "ftp.active": b.passiveWorks}[check]
	require := b.e.Settings.Require
	switch {
	case check == "tls.revocation" && b.e.Settings.CheckRevocation: // who asks for it wants the answer
		return SeverityFail
	case slices.Contains(explaining, check):
		return SeverityInfo
	case otherWorks == nil, require == "both", "ftp."+require == check: // every other check is needed by every target that has it
		return SeverityFail
	case require == "any" && otherWorks():
		return SeverityWarn
	case require == "any":
		return SeverityFail
	}
	return SeverityInfo
}

// report puts the verdict together.
func (b *bench) report() *Report {
	e := b.e
	r := &Report{
		Schema: Schema, Tool: e.Tool, Target: e.Target, Vantage: e.Vantage, Settings: e.Settings, Started: e.Started,
		Duration: e.Duration, Interrupted: e.Interrupted, Causes: []Cause{}, Checks: []Result{},
	}
	slices.SortStableFunc(b.causes, func(x, y *Cause) int {
		return slices.Index(Layers, x.Layer) - slices.Index(Layers, y.Layer)
	})
	for _, cause := range b.causes {
		r.Causes = append(r.Causes, *cause)
	}
	for _, check := range Ladder { // the judges speak in the order of the reasoning; the reader wants the ladder's
		for _, result := range b.results {
			if result.ID == check.ID {
				r.Checks = append(r.Checks, result)
			}
		}
	}
	b.eachService(func() { r.DataChannels = append(r.DataChannels, dataChannels(b.s)...) })
	r.Translation = translation(b.s)
	r.FirstConnection = firstConnection(e.TCP)
	r.Verdict = b.verdict()
	r.Summary = b.summary(r)
	return r
}

func (b *bench) verdict() Verdict {
	worst := -1
	for _, cause := range b.causes {
		worst = max(worst, severityRank(cause.Severity))
	}
	switch {
	case worst == severityRank(SeverityFail):
		return VerdictFail
	case b.e.Interrupted != "" && slices.ContainsFunc(b.results, b.lacks):
		return VerdictUnknown
	case worst == severityRank(SeverityWarn):
		return VerdictWarn
	case slices.ContainsFunc(b.results, b.lacks):
		return VerdictUnknown
	}
	return VerdictOK
}

// lacks says that a check which the target needs has no answer, and no cause says why.
func (b *bench) lacks(r Result) bool {
	return r.Status == Skip && !r.Finished && len(r.CausedBy) == 0 && b.need(r.ID) == SeverityFail
}

func (b *bench) summary(r *Report) string {
	for _, severity := range []Severity{SeverityFail, SeverityWarn} {
		for _, cause := range r.Causes {
			if cause.Severity == severity {
				return cause.Summary
			}
		}
	}
	switch {
	case r.Verdict == VerdictUnknown && b.e.Interrupted != "":
		return "no verdict: " + b.whyInterrupted() + " before every check was done"
	case r.Verdict == VerdictUnknown:
		return "no verdict: a check that the target needs could not be made"
	case b.e.Target == nil:
		return b.worksUpTo()
	case !hasPort(b.e.Target):
		return "the way to " + b.e.Target.Host + " is known; without a port nothing was tried beyond the Internet layer"
	}
	if slices.ContainsFunc(r.Checks, func(c Result) bool { return c.Status == Fail }) {
		return "everything that the target needs works"
	}
	return "every layer works"
}

// Rejudge reaches the verdict of a report anew from its evidence.
func Rejudge(r *Report) *Report { return Judge(EvidenceOf(r)) }
