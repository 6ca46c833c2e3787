package checks

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/rung-cli/rung/probes/clock"
	"github.com/rung-cli/rung/probes/pki"
)

// readClock asks the time server that the user names, if any; and the kernel, where it is this machine that is looked at.
func readClock(ctx context.Context, c *Climb) {
	defer c.timed.keep(struct{}{})
	if c.Options.NTP != "" || c.Target == nil {
		c.measureClock(ctx)
	}
}

// askClock looks at this machine's clock where a date of the chain is in doubt.
func (v *visit) askClock(ctx context.Context) {
	if chain := seen(v.service.Chain); chain != nil && v.Options.NTP == "" && datesInDoubt(chain) {
		v.measureClock(ctx)
	}
}

// measureClock measures the clock once, however many ask.
func (c *Climb) measureClock(ctx context.Context) {
	c.clockOnce.Do(func() {
		c.evidence.Clock = measure(ctx, c, "", func() clock.Result {
			return clock.Measure(ctx, c.Options.Host, clock.Options{NTP: c.Options.NTP, Wait: c.Options.Timeout})
		})
	})
}

// datesInDoubt says that something in what a peer presented does not agree with this machine's time.
func datesInDoubt(chain *pki.Chain) bool {
	outside := func(c pki.Certificate) bool { return chain.At.Before(c.NotBefore) || chain.At.After(c.NotAfter) }
	early := func(s pki.SCT) bool { return chain.At.Before(s.Time) }
	return slices.ContainsFunc(chain.Certificates, outside) || slices.ContainsFunc(chain.SCTs, early) ||
		chain.Staple != nil && chain.At.Before(chain.Staple.ThisUpdate)
}

// skewThreshold is how far a clock may be off without being worth a word: what tolerances of protocols that look at clocks begin at, and
// far beyond what Date's whole seconds and a slow answer can add up to.
const skewThreshold = time.Minute

// signingTolerance is how far the clocks of those who sign may be off among themselves: what verifiers of OCSP allow.
const signingTolerance = 5 * time.Minute

// standing is how far a witness of the time can be trusted.
type standing int

// The standings, the weakest first.
const (
	theTarget   standing = iota // the server says so, whose own clock may be wrong
	signed                      // a CA has signed it: the time was not earlier
	independent                 // a time server that the user has named
)

// witness is something that tells the time. The true time is ahead of this machine's by low at the least, and by high at the most;
// negative where this machine's is ahead.
type witness struct {
	says      string
	check     string // whose observation it is
	standing  standing
	low, high time.Duration
}

// forever bounds what a witness does not bound.
const forever = time.Duration(1<<63 - 1)

// ahead says that the witness has this machine's clock behind by more than nothing much; behind, that it has it in front.
func (w witness) ahead() bool  { return w.low > skewThreshold }
func (w witness) behind() bool { return w.high < -skewThreshold }
func (w witness) off() bool    { return w.ahead() || w.behind() }

// agrees says that it finds this machine's clock right.
func (w witness) agrees() bool { return w.low >= -skewThreshold && w.high <= skewThreshold }

// witnesses is everything in the evidence that tells the time, the strongest standing first.
func (e *Evidence) witnesses() []witness {
	var all []witness
	if c := seen(e.Clock); c != nil {
		for _, n := range c.NTP {
			if n.Usable {
				offset, half := time.Duration(n.Offset), time.Duration(n.RoundTrip)/2
				all = append(all, witness{fmt.Sprintf("the time server %s (%s) is %s", n.Server, n.Address.Addr(), aheadOrBehind(offset)),
					"clock", independent, offset - half, offset + half})
			}
		}
	}
	for _, s := range e.services() {
		all = append(all, s.signedTimes()...)
	}
	for _, s := range e.services() {
		all = append(all, s.serverTimes()...)
	}
	return all
}

// signedTimes are the times that a CA, or a log through it, has signed: the true time is later than each.
func (s *Service) signedTimes() []witness {
	chain := seen(s.Chain)
	if chain == nil || !chain.Trust.Trusted && !chain.Trust.Vouched {
		return nil
	}
	var all []witness
	if staple := chain.Staple; staple != nil && staple.Signed && staple.Matches && !staple.ThisUpdate.IsZero() {
		all = append(all, witness{"the issuer's signed OCSP response is of " + staple.ThisUpdate.Format(time.RFC3339), "tls.certificate", signed,
			staple.ThisUpdate.Sub(chain.At), forever})
	}
	for _, c := range chain.Certificates[min(1, len(chain.Certificates)):] {
		if c.CA && c.NotBefore.Before(chain.At) {
			all = append(all, witness{"the issuer's certificate is valid from " + c.NotBefore.Format(time.RFC3339), "tls.certificate", signed,
				c.NotBefore.Sub(chain.At), forever})
		}
	}
	for _, sct := range chain.SCTs {
		if sct.Signed {
			all = append(all, witness{"the certificate holds a timestamp of " + sct.Time.Format(time.RFC3339) + " that its issuer has signed", "tls.certificate", signed,
				sct.Time.Sub(chain.At), forever})
		}
	}
	return all
}

// serverTimes are what the server itself says of the time.
func (s *Service) serverTimes() []witness {
	var all []witness
	if r := seen(s.HTTP); r != nil && !r.Date.IsZero() && r.Fault == nil {
		w := witness{"the server's Date is " + r.Date.UTC().Format(time.RFC3339), "http", theTarget, r.Date.Sub(r.Answered), r.Date.Add(time.Second).Sub(r.Sent)}
		if r.Cached {
			w.high = forever // it may be as old as it likes
		}
		all = append(all, w)
	}
	if p := seen(s.Passive); p != nil && p.Series != nil && p.Series.Modified != nil && !p.Series.Modified.Time.IsZero() {
		m := p.Series.Modified
		if inLocalTime(m.Time.Sub(m.Stored)) {
			return all
		}
		all = append(all, witness{"the file that was just written is of " + m.Time.Format(time.RFC3339) + " by MDTM", "ftp.passive", theTarget,
			m.Time.Sub(m.Stored), m.Time.Add(time.Second).Sub(m.Asked)})
	}
	return all
}

// inLocalTime says that a skew looks like a time zone: servers (vsftpd with use_localtime) answer MDTM in their own, where RFC 3659 §2.3
// wants UTC.
func inLocalTime(skew time.Duration) bool {
	const quarter, farthest = 15 * time.Minute, 14 * time.Hour
	off := skew.Abs()
	return off > quarter/2 && off <= farthest+skewThreshold && (skew-skew.Round(quarter)).Abs() <= skewThreshold
}

func aheadOrBehind(offset time.Duration) string {
	switch {
	case offset > 0:
		return roundTime(offset) + " ahead of this machine's clock"
	case offset < 0:
		return roundTime(-offset) + " behind this machine's clock"
	}
	return "at one with this machine's clock"
}

// roundTime is a length of time in the two units that matter.
func roundTime(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= 2*day && d%day < time.Hour:
		return fmt.Sprintf("%d days", d/day)
	case d >= 2*day:
		return fmt.Sprintf("%.1f days", d.Hours()/24)
	case d >= time.Hour:
		return d.Round(time.Minute).String()
	case d >= time.Minute:
		return d.Round(time.Second).String()
	}
	return d.Round(time.Millisecond).String()
}

// dateVerdict is what the witnesses make of a date that is not right by this machine's clock.
type dateVerdict int

const (
	undecided    dateVerdict = iota // nobody can tell
	confirmed                       // the date is wrong by their time too
	contradicted                    // by their time the date is right: it is this machine's clock that is wrong
)

// weigh asks the witnesses about a validity that does not hold at now: whether it would, by their time. The strongest of those that have
// an opinion decide; where they differ among themselves, or a signature proves one of them wrong, nobody can tell.
func weigh(witnesses []witness, now, notBefore, notAfter time.Time) (v dateVerdict, by []witness) {
	from, to := notBefore.Sub(now), notAfter.Sub(now)
	expired := to < 0
	for _, rank := range []standing{independent, signed, theTarget} {
		confirming, contradicting := 0, 0
		for _, w := range witnesses {
			switch {
			case w.standing != rank || impossible(w, witnesses):
				continue
			case expired && w.low > to, !expired && w.high < from:
				if w.off() && w.standing == theTarget && farOff(w, expired) {
					continue // a clock that is wrong by itself confirms nothing
				}
				confirming++
			case w.low > to, w.high < from: // beyond the other end: not right by this time either
				continue
			case w.off(): // and some of the times that it allows are within the validity
				contradicting++
			default:
				continue
			}
			by = append(by, w)
		}
		switch {
		case confirming > 0 && contradicting > 0:
			return undecided, nil
		case confirming > 0:
			return confirmed, by
		case contradicting > 0:
			return contradicted, by
		}
	}
	return undecided, nil
}

// farOff says that a server's clock is off in the direction that would confirm a wrong date: ahead where the certificate has expired,
// behind where it is not yet valid.
func farOff(w witness, expired bool) bool { return expired && w.ahead() || !expired && w.behind() }

// impossible says that a witness which finds this machine's clock wrong tells a time before one at which something was signed, by this
// machine's clock in the past.
func impossible(w witness, witnesses []witness) bool {
	return w.standing != signed && w.off() && slices.ContainsFunc(witnesses, func(other witness) bool {
		return other.standing == signed && other.low <= signingTolerance && w.high < other.low-signingTolerance
	})
}

func says(witnesses []witness) []string {
	var lines []string
	for _, w := range witnesses {
		lines = append(lines, w.says)
	}
	return lines
}

// restsOnWitnesses adds the checks whose observations the witnesses are.
func (c *Cause) restsOnWitnesses(witnesses []witness) *Cause {
	for _, w := range witnesses {
		if !slices.Contains(c.Checks, w.check) {
			c.Checks = append(c.Checks, w.check)
		}
	}
	return c
}

// judgeClock judges this machine's clock by itself, where no date error rests on it: by a time server, or by what is signed.
func (b *bench) judgeClock() {
	r := b.e.Clock.result("clock", Host)
	cause := b.clockCause()
	switch {
	case b.e.Clock == nil && cause == nil && !slices.ContainsFunc(b.causes, isLocalSkew):
		b.needless(r, "not looked at: no date is in doubt")
	case cause != nil:
		b.found(r, Warn, cause.Summary, cause)
	case slices.ContainsFunc(b.causes, isLocalSkew):
		b.follows(r, Fail, "this machine's clock is wrong", []string{"clock.local-skew"})
	case b.unfinished(r):
	default:
		b.found(r, Pass, describeClock(b.e))
	}
}

func isLocalSkew(c *Cause) bool { return c.ID == "clock.local-skew" }

// clockCause is a clock that is off by what no date error has shown: this machine's by a time server or by signed evidence, or the
// server's where a time server finds this machine's right.
func (b *bench) clockCause() *Cause {
	if slices.ContainsFunc(b.causes, isLocalSkew) {
		return nil
	}
	witnesses := b.e.witnesses()
	asked := func(w witness) bool { return w.standing == independent }
	agrees := func(w witness) bool { return !impossible(w, witnesses) && w.agrees() }
	verified := slices.IndexFunc(witnesses, func(w witness) bool { return asked(w) && agrees(w) })
	for _, w := range witnesses {
		switch {
		case impossible(w, witnesses) && asked(w): // it cannot be right
		case verified < 0 && asked(w) && w.off():
			cause := localSkew(w.low, w.high, []witness{w}).as(SeverityWarn)
			if slices.ContainsFunc(witnesses, func(other witness) bool { return !asked(other) && agrees(other) }) {
				cause.likely("another time server: the target's own clock agrees with this machine's")
			}
			return cause
		case verified < 0 && w.standing == signed && w.low > signingTolerance && !slices.ContainsFunc(witnesses, agrees):
			return localSkew(w.low, w.high, []witness{w}).as(SeverityWarn)
		case verified >= 0 && w.standing == theTarget && w.off():
			return newCause("clock.server-skew", b.e.targetName(), "the server's clock is wrong", w.says,
				"this machine's time is "+b.e.Started.Format(time.RFC3339), witnesses[verified].says).
				restsOn("clock").restsOnWitnesses([]witness{w}).
				mend("synchronise the clock of %s (NTP)", hostOf(b.e.Target))
		}
	}
	return nil
}

// verifiedWitnesses are the witnesses as they look to a clock that is right: shifted by what this machine's is off.
func (e *Evidence) verifiedWitnesses() []witness {
	off := e.offset()
	var all []witness
	for _, w := range e.witnesses() {
		w.low -= off
		if w.high != forever {
			w.high -= off
		}
		all = append(all, w)
	}
	return all
}

// offset is how far the true time is ahead of this machine's, where a time server proves that it is; 0 otherwise.
func (e *Evidence) offset() time.Duration {
	witnesses := e.witnesses()
	agrees := func(w witness) bool { return !impossible(w, witnesses) && w.agrees() }
	for _, w := range witnesses {
		if w.standing == independent && w.off() && !impossible(w, witnesses) && !slices.ContainsFunc(witnesses, agrees) {
			return (w.low + w.high) / 2
		}
	}
	return 0
}

func (e *Evidence) targetName() string {
	if e.Target == nil {
		return ""
	}
	return e.Target.Host
}

// localSkew is this machine's own clock, found wrong by witnesses.
func localSkew(low, high time.Duration, by []witness) *Cause {
	summary := "this machine's clock is wrong"
	switch {
	case low > skewThreshold && high == forever:
		summary = fmt.Sprintf("this machine's clock is slow by %s at the least", roundTime(low))
	case low > skewThreshold:
		summary = fmt.Sprintf("this machine's clock is slow by %s", roundTime(low))
	case high < -skewThreshold:
		summary = fmt.Sprintf("this machine's clock is fast by %s", roundTime(-high))
	}
	return newCause("clock.local-skew", "", summary, says(by)...).restsOnWitnesses(by).
		mend("synchronise this machine's clock: start its NTP client (systemd-timesyncd, chrony), or set it by hand where NTP is blocked")
}

func describeClock(e *Evidence) string {
	witnesses := e.witnesses()
	for _, w := range witnesses {
		switch {
		case w.standing != independent:
		case impossible(w, witnesses):
			return w.says + ", which cannot be: something was signed since"
		default:
			return w.says
		}
	}
	c := seen(e.Clock)
	switch {
	case c == nil:
		return "nothing contradicts this machine's clock"
	case len(c.NTP) > 0:
		return "the time server gave no usable answer: " + ntpFault(c.NTP)
	case c.Kernel == nil:
		return "nothing contradicts this machine's clock"
	case c.Kernel.Synchronized:
		return "kept in step, as the kernel says; nobody else was asked"
	}
	return "not kept in step, as far as the kernel knows; nobody else was asked"
}

func ntpFault(answers []clock.NTP) string {
	for _, n := range answers {
		if n.Fault != nil {
			return n.Fault.Error()
		}
	}
	return "it is not synchronised itself"
}

// dateSettle says what would settle whether a date is wrong, or this machine's clock.
func dateSettle(e *Evidence) string {
	const settle = "this machine's clock against a time server (--ntp HOST): nothing has checked it"
	if c := seen(e.Clock); c != nil && c.Kernel != nil && c.Kernel.Synchronized {
		return settle + " but the kernel's own word that something keeps it"
	}
	return settle
}
