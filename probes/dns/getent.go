package dns

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os/exec"
	"strings"
	"time"

	"github.com/rung-cli/rung/probes"
)

// The bounds of what getent(1) may say, and how long its output may stay open once it was ended.
const (
	maxGetentOutput = 64 << 10
	getentGrace     = 100 * time.Millisecond
)

// notFound is getent's exit status where it found nothing: there is no such name, or nobody could tell.
const notFound = 2

// getent asks through the name service switch, as other programs here do. It knows all sources that nsswitch.conf(5) may name, which are
// libraries; a process of its own keeps them out of this one.
func getent(ctx context.Context, o Options, name string) Lookup {
	start := time.Now()
	if !isHostName(name) {
		return Lookup{Fault: &probes.Fault{Step: "lookup", Kind: probes.Unsupported, Message: "getent is not asked for such a name"}}
	}
	program, err := exec.LookPath("getent")
	if err != nil {
		return Lookup{Fault: &probes.Fault{Step: "lookup", Kind: probes.Unsupported, Message: probes.Bound(err.Error())}}
	}
	cmd := exec.CommandContext(ctx, program, "ahosts", name)
	var output bytes.Buffer
	cmd.Stdout = &limited{to: &output, left: maxGetentOutput}
	cmd.WaitDelay = getentGrace
	err = cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() == notFound {
		err = &probes.Fault{Step: "lookup", Kind: probes.Other, Message: "getent found no address"}
	} else if err != nil {
		err = fmt.Errorf("getent: %w", err)
	}
	return resultOf(ctx, o, start, parseGetent(&output), err)
}

// limited takes the first bytes of an output and throws the rest away.
type limited struct {
	to   io.Writer
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	n := min(len(p), l.left)
	l.left -= n
	if _, err := l.to.Write(p[:n]); err != nil {
		return 0, err
	}
	return len(p), nil
}

// parseGetent reads a line for each address and type of socket: the address comes first.
func parseGetent(r io.Reader) (addrs []netip.Addr) {
	for lines := bufio.NewScanner(r); lines.Scan() && len(addrs) < maxRecords; {
		text, _, _ := strings.Cut(lines.Text(), " ")
		if addr, err := netip.ParseAddr(text); err == nil {
			addrs = append(addrs, addr.Unmap())
		}
	}
	return unique(addrs)
}

// isHostName says that a name has nothing in it that a program could take for something else.
func isHostName(name string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
	return name != "" && len(name) < maxName && name[0] != '-' && strings.Trim(name, letters) == ""
}
