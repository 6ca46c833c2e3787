package firewall

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/rung-cli/rung/probes"
)

const (
	// maxRules is the longest list of rules that is read, in bytes.
	maxRules = 16 << 20
	// patience is the longest wait for nft.
	patience = 2 * time.Second
)

// Read reads the rules, where this user may. It runs nft(8), which knows of every expression what its kernel calls it.
func Read(ctx context.Context) (r Result) {
	start := time.Now()
	defer func() { r.Took = probes.Since(start) }()
	if !mayRead() {
		r.Fault = &probes.Fault{Step: "rules", Kind: probes.Prohibited, Message: "this user has not the right to read them (CAP_NET_ADMIN)"}
		return r
	}
	text, err := nft(ctx, "--json", "list", "ruleset")
	if err == nil {
		r.rules, err = parse(text)
	}
	if err != nil {
		r.Fault = faultOf(ctx, err)
		return r
	}
	for _, c := range r.rules.bases {
		r.Chains = append(r.Chains, c.Chain)
	}
	return r
}

// Ask adds what the filter does to packets, and the words of the rules that stop them.
func (r *Result) Ask(ctx context.Context, packets ...Packet) {
	for _, p := range packets {
		answer := r.Verdict(p)
		if answer.Handle > 0 && answer.Text == "" {
			answer.Text = wordsOf(ctx, answer)
		}
		r.Answers = append(r.Answers, answer)
	}
}

// mayRead says whether this process has CAP_NET_ADMIN.
func mayRead() bool {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if unix.Capget(&header, &data[0]) != nil {
		return false
	}
	return data[0].Effective&(1<<unix.CAP_NET_ADMIN) != 0
}

// errNoNFT says that there is no nft to ask.
var errNoNFT = errors.New("nft is not installed")

// nft is what it prints.
func nft(ctx context.Context, arguments ...string) ([]byte, error) {
	program := find()
	if program == "" {
		return nil, errNoNFT
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, arguments...)
	cmd.Env = []string{"LC_ALL=C"}
	cmd.WaitDelay = time.Second
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(out, maxRules+1))
	if len(text) > maxRules {
		cancel()
		err = &probes.Fault{Step: "rules", Kind: probes.TooLong, Message: fmt.Sprintf("more than %d bytes", maxRules)}
	}
	return text, errors.Join(err, cmd.Wait())
}

// find is where nft is: the PATH of an ordinary user does not lead there.
func find() string {
	for _, program := range []string{"/usr/sbin/nft", "/sbin/nft", "/usr/local/sbin/nft", "/usr/bin/nft"} {
		if info, err := os.Stat(program); err == nil && info.Mode().IsRegular() {
			return program
		}
	}
	return ""
}

func faultOf(ctx context.Context, err error) *probes.Fault {
	fault := probes.NewFault(ctx, "rules", err)
	switch {
	case errors.Is(err, errNoNFT):
		fault.Kind = probes.Unsupported
	case errors.Is(err, errMalformed):
		fault.Kind = probes.Malformed
	}
	return fault
}

// wordsOf are a rule's words, as nft prints them; empty where it does not any more.
func wordsOf(ctx context.Context, a Answer) string {
	text, err := nft(ctx, "--handle", "list", "chain", a.Family, a.Table, a.Chain)
	if err != nil {
		return ""
	}
	for line := range bytes.Lines(text) {
		if words, found := strings.CutSuffix(strings.TrimSpace(string(line)), " # handle "+strconv.Itoa(a.Handle)); found {
			return probes.Bound(words)
		}
	}
	return ""
}
