package dns

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/rung-cli/rung/probes"
)

// maxSends is how often a question is sent over UDP: at once, after a doubt, and each time after twice as long.
const maxSends = 4

// asker asks the configured servers directly and tells what comes of it as events.
type asker struct {
	host   probes.Host
	types  []dnsmessage.Type
	doubt  time.Duration
	events chan<- event
}

// event is something that may change what is known: the system's answer, a server's, a server that is through with one name,
// or, with nothing in it, that another way is being tried.
type event struct {
	lookup  *Lookup
	answer  *Answer
	through netip.AddrPort
}

// askServer asks one server for the names in order, up to the first that has addresses. A server that answers nothing is not
// asked for more.
func (a *asker) askServer(ctx context.Context, server netip.AddrPort, names []string) {
	for _, name := range names {
		answers := a.askName(ctx, server, name)
		a.events <- event{through: server}
		if ctx.Err() != nil || lastAnswered(answers) == nil || len(addressesOf(answers)) > 0 {
			return
		}
	}
}

// askName asks a server for all types of a name at once.
func (a *asker) askName(ctx context.Context, server netip.AddrPort, name string) []Answer {
	byType := make([][]Answer, len(a.types))
	var asking sync.WaitGroup
	for i, qtype := range a.types {
		asking.Go(func() {
			byType[i] = a.resolve(ctx, question{server: server, transport: "udp", name: name, qtype: qtype, edns: true})
		})
	}
	asking.Wait()
	var all []Answer
	for _, answers := range byType {
		all = append(all, answers...)
	}
	return all
}

// resolve puts the question, and again in another way for as long as the answer gives reason to.
func (a *asker) resolve(ctx context.Context, q question) []Answer {
	var all []Answer
	for more := true; more; {
		answers := a.ask(ctx, q)
		all = append(all, answers...)
		last := lastAnswered(answers)
		if last == nil || ctx.Err() != nil {
			break
		}
		q, more = q.next(*last)
	}
	return all
}

// lastAnswered is the last answer that the server gave, if it gave one.
func lastAnswered(answers []Answer) *Answer {
	for i := len(answers) - 1; i >= 0; i-- {
		if answers[i].Code != "" {
			return &answers[i]
		}
	}
	return nil
}

// addressesOf are the addresses in all answers that can be trusted: what a server gave with checking disabled it would not
// give to the system.
func addressesOf(answers []Answer) []netip.Addr {
	var addrs []netip.Addr
	for _, answer := range answers {
		if !answer.CheckingDisabled {
			addrs = append(addrs, answer.Addresses...)
		}
	}
	return unique(addrs)
}

// ask puts the question over its transport, and over TCP as well where UDP is silent for a doubt.
func (a *asker) ask(ctx context.Context, q question) []Answer {
	if q.transport == "tcp" {
		return []Answer{a.report(a.send(ctx, q, time.Now()))}
	}
	ctxUDP, stopUDP := context.WithCancelCause(ctx)
	defer stopUDP(nil)
	udp := async(func() Answer { return a.askUDP(ctxUDP, q) })
	select {
	case answer := <-udp:
		return []Answer{a.report(answer)}
	case <-time.After(a.doubt):
	}
	a.events <- event{}
	return a.askBoth(ctx, q, udp, stopUDP)
}

// askBoth asks over TCP while the answer over UDP is still awaited. An answer over UDP ends the attempt over TCP, which then
// has nothing to tell; an answer over TCP leaves UDP one more doubt.
func (a *asker) askBoth(ctx context.Context, q question, udp <-chan Answer, stopUDP context.CancelCauseFunc) []Answer {
	q.transport = "tcp"
	ctx, stopTCP := context.WithCancel(ctx)
	defer stopTCP()
	tcp := async(func() Answer { return a.send(ctx, q, time.Now()) })
	select {
	case overUDP := <-udp:
		if overUDP.Fault != nil {
			return []Answer{a.report(overUDP), a.report(<-tcp)}
		}
		stopTCP()
		<-tcp
		return []Answer{a.report(overUDP)}
	case overTCP := <-tcp:
		if overTCP.Fault != nil {
			return []Answer{a.report(<-udp), a.report(overTCP)}
		}
		defer time.AfterFunc(a.doubt, func() { stopUDP(errSilence) }).Stop()
		return []Answer{a.report(overTCP), a.report(<-udp)}
	}
}

// report tells the collector of an answer.
func (a *asker) report(answer Answer) Answer {
	a.events <- event{answer: &answer}
	return answer
}

// askUDP sends the question until it is answered.
func (a *asker) askUDP(ctx context.Context, q question) Answer {
	start, wait := time.Now(), a.doubt
	answers := make(chan Answer, maxSends)
	var sending sync.WaitGroup
	defer sending.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	for sent := 1; ; sent++ {
		sending.Go(func() { answers <- a.send(ctx, q, start) })
		var again <-chan time.Time
		if sent < maxSends {
			again = time.After(wait)
		}
		select {
		case answer := <-answers:
			answer.Attempts = sent
			return answer
		case <-again:
			wait *= 2
		}
	}
}

// send sends the question once, under an ID of its own, and reads the answer; start is when it was asked first.
func (a *asker) send(ctx context.Context, q question, start time.Time) Answer {
	answer := q.answer()
	query, err := q.pack()
	var reply []byte
	if err == nil {
		reply, err = exchange(ctx, a.host, q.transport, q.server, query)
	}
	waited := time.Since(start)
	answer.Took = probes.Millis(waited)
	if err != nil {
		answer.Fault = faultOf(ctx, "query", err, waited >= a.doubt/2)
		return answer
	}
	answer.read(reply)
	return answer
}

// errSilence is why we end a wait ourselves when the network had its time.
var errSilence = errors.New("nothing came in time")

// faultOf is the fault of a wait that brought err. A wait that we ended ourselves because nothing came is a timeout where the
// network had been given its time, otherwise it was interrupted.
func faultOf(ctx context.Context, step string, err error, hadTime bool) *probes.Fault {
	if deadline, ok := ctx.Deadline(); ok && !time.Now().Before(deadline) {
		<-ctx.Done() // its timer is due; the socket's was faster, and the cause is not known before
	}
	fault := probes.NewFault(ctx, step, err)
	if fault.Of(probes.Interrupted) && hadTime && errors.Is(context.Cause(ctx), errSilence) {
		fault.Kind = probes.Timeout
	}
	return fault
}

// async runs f in a goroutine of its own and gives its result.
func async(f func() Answer) <-chan Answer {
	result := make(chan Answer, 1)
	go func() { result <- f() }()
	return result
}
