package dns

import (
	"context"
	"crypto/rand"
	"errors"
	"net/netip"
	"slices"
	"strings"
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
	lookup   *systemAnswer
	answer   *Answer
	control  *Answer
	invented *Answer
	through  netip.AddrPort
}

// root is asked for where a question is to be one that every resolver can answer.
const root = "."

// askServer asks one server for the names in order, up to the first that has addresses. A server that answers nothing is not
// asked for more.
func (a *asker) askServer(ctx context.Context, server netip.AddrPort, names []string) {
	for i, name := range names {
		settle := func(bool) {}
		if i == 0 && name != root {
			settle = probes.OnDoubt(ctx, a.doubt, func(ctx context.Context) { a.askControl(ctx, server) })
		}
		answers := a.askName(ctx, server, name)
		settle(true)
		a.events <- event{through: server}
		if len(addressesOf(answers)) > 0 {
			a.askBeside(ctx, server, names, i)
			return
		}
		if ctx.Err() != nil || lastAnswered(answers) == nil {
			return
		}
	}
}

// askControl asks a server that is silent about a name for something else that every resolver knows. Without EDNS it is a question that
// no device on the way takes exception to.
func (a *asker) askControl(ctx context.Context, server netip.AddrPort) {
	answer := a.askUDP(ctx, question{server: server, transport: "udp", name: root, qtype: dnsmessage.TypeNS})
	if !answer.Fault.Of(probes.Interrupted) {
		a.events <- event{control: &answer}
	}
}

// askBeside is for where a suffix has led to addresses of a name that may well be whole without: what is the name without it, and does the
// suffix lead everywhere?
func (a *asker) askBeside(ctx context.Context, server netip.AddrPort, names []string, found int) {
	whole := slices.IndexFunc(names, func(name string) bool { return isPrefixOfAll(name, names) })
	if whole < 0 || found == whole || strings.Count(names[whole], ".") < 2 {
		return
	}
	suffix := strings.TrimPrefix(names[found], names[whole])
	var asking sync.WaitGroup
	asking.Go(func() { a.askInvented(ctx, server, suffix) })
	if found < whole {
		asking.Go(func() { a.askName(ctx, server, names[whole]) })
	}
	asking.Wait()
}

func isPrefixOfAll(name string, names []string) bool {
	return !slices.ContainsFunc(names, func(other string) bool { return !strings.HasPrefix(other, name) })
}

// askInvented asks a server for a name that nobody has, in a zone.
func (a *asker) askInvented(ctx context.Context, server netip.AddrPort, zone string) {
	q := invent(server, zone, 0)
	for _, q.qtype = range a.types {
		answer := a.askUDP(ctx, q)
		a.events <- event{invented: &answer}
	}
}

// invent is a question about a name in a zone that is made up at random.
func invent(server netip.AddrPort, zone string, qtype dnsmessage.Type) question {
	name := strings.ToLower(rand.Text()[:randomLabel]) + "." + zone
	return question{server: server, transport: "udp", name: name, qtype: qtype, edns: true}
}

// randomLabel is the length of a made-up label; 80 bits are enough for nobody to have it.
const randomLabel = 16

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
		if q.checkingDisabled && q.edns && last.Code == "SERVFAIL" && q.transport == "udp" { // checking is not the reason; EDNS may be
			q.checkingDisabled = false
			return append(all, a.conclude(nil, a.compare(ctx, q))...)
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

// ask puts the question over its transport; where UDP is silent for a doubt, over TCP and without EDNS as well.
func (a *asker) ask(ctx context.Context, q question) []Answer {
	if q.transport == "tcp" {
		return []Answer{a.report(a.send(ctx, q, time.Now()))}
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	udp := async(func() Answer { return a.askUDP(ctx, q) })
	select {
	case answer := <-udp:
		return []Answer{a.report(answer)}
	case <-time.After(a.doubt):
	}
	a.events <- event{}
	return a.askOtherwise(ctx, q, udp, stop)
}

// askOtherwise asks over TCP and without EDNS while the answer over UDP is still awaited. That answer ends the other attempts, which then
// have nothing to tell; an answer to one of them leaves the rest one more doubt.
func (a *asker) askOtherwise(ctx context.Context, q question, udp <-chan Answer, stop context.CancelCauseFunc) []Answer {
	overTCP := q
	overTCP.transport = "tcp"
	ways := []func() []Answer{
		func() []Answer { return a.tell(<-udp) },
		func() []Answer { return a.tell(a.send(ctx, overTCP, time.Now())) },
		func() []Answer { return a.compare(ctx, q) },
	}
	if !q.edns {
		ways = ways[:2]
	}
	byWay := make([][]Answer, len(ways))
	ended := make(chan int, len(ways))
	for i, way := range ways {
		go func() {
			byWay[i] = way()
			ended <- i
		}()
	}
	for range ways {
		switch i := <-ended; {
		case lastAnswered(byWay[i]) == nil:
		case i == 0:
			stop(nil)
		case i == 2 && len(byWay[i]) > 1: // which has waited for a doubt already
			stop(errSilence)
		default:
			time.AfterFunc(a.doubt, func() { stop(errSilence) })
		}
	}
	return a.conclude(byWay[0], slices.Concat(byWay[1:]...))
}

// conclude tells of the attempts that nothing came of, where the answer over UDP has not made them pointless.
func (a *asker) conclude(udp, others []Answer) []Answer {
	all := append(slices.Clip(udp), others...)
	if lastAnswered(udp) != nil {
		return slices.DeleteFunc(all, func(answer Answer) bool { return answer.Fault != nil })
	}
	for _, answer := range all {
		if answer.Code == "" {
			a.report(answer)
		}
	}
	return all
}

// compare asks over UDP without EDNS; where that is answered, both ways are tried once more. What is answered is told of at once.
func (a *asker) compare(ctx context.Context, q question) []Answer {
	plain := q
	plain.edns = false
	first := a.tell(a.askUDP(ctx, plain))
	if answered := lastAnswered(first); answered == nil || answered.Code == "SERVFAIL" {
		return first
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	defer time.AfterFunc(a.doubt, func() { stop(errSilence) }).Stop()
	again := async(func() Answer { return a.askUDP(ctx, q) })
	second := a.tell(a.askUDP(ctx, plain))
	return slices.Concat(first, second, a.tell(<-again))
}

// tell reports an answer, and leaves for later what is none.
func (a *asker) tell(answer Answer) []Answer {
	if answer.Code != "" {
		a.report(answer)
	}
	return []Answer{answer}
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
		reply, answer.Connected, err = exchange(ctx, a.host, q.transport, q.server, query)
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
func async[T any](f func() T) <-chan T {
	result := make(chan T, 1)
	go func() { result <- f() }()
	return result
}
