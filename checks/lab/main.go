//go:build linux

// Command lab is rung's own laboratory: scenarios that build a small internet out of network namespaces, start real servers
// in it, inject a fault with the kernel's own means, and say which causes rung has to name.
//
//	go test ./checks/lab                  runs every scenario and compares
//	go run ./checks/lab                   lists them
//	go run ./checks/lab NAME [COMMAND…]   builds one and runs the command in its client's namespace, or a shell
//
// A scenario lives in namespaces of its own process (network, mount, PID): it touches nothing of the machine and vanishes
// with the process. It needs root on Linux, and what checks/lab/install fetches.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
)

// scenarios is where the scenarios are, from the root of the module.
const scenarios = "testdata/lab"

func main() {
	if stage() {
		return
	}
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "lab:", err)
		os.Exit(1)
	}
}

// run lists the scenarios, or enters the one named first.
func run(args []string) error {
	if len(args) == 0 {
		return list()
	}
	if err := ready(); err != nil {
		return err
	}
	scenario, err := parse(filepath.Join(scenarios, args[0]+".sh"))
	if err != nil {
		return err
	}
	return enter(scenario, args[1:])
}

func list() error {
	all, err := parseAll(scenarios)
	if err != nil {
		return err
	}
	for _, s := range all {
		fmt.Printf("%-40s %-7s %s\n", s.Name, s.Verdict, s.Story)
	}
	return nil
}

// enter runs a command, or a shell, with the rights of root in the client's namespace.
func enter(s *Scenario, command []string) error {
	rung := filepath.Join("tmp", "rung")
	if err := build(rung); err != nil {
		fmt.Fprintln(os.Stderr, "lab: a laboratory without rung:", err)
		rung = ""
	}
	if len(command) == 0 {
		command = []string{"bash", "--rcfile", internetFile}
		fmt.Fprintf(os.Stderr, "%s\nTry: rung check $TARGET $FLAGS; on edge nft list ruleset; cat $run/log/*\n", s.Story)
	}
	cmd := s.Command(context.Background(), rung, command...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	leaveInterrupts()
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		os.Exit(exit.ExitCode())
	}
	return err
}

// build builds rung.
func build(binary string) error {
	cmd := exec.Command("go", "build", "-o", binary, "github.com/rung-cli/rung")
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, text)
	}
	return nil
}

// leaveInterrupts leaves Ctrl-C to the command that was started. Ignoring it would have the command ignore it too.
func leaveInterrupts() { signal.Notify(make(chan os.Signal, 1), os.Interrupt) }
