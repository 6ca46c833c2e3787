//go:build linux

package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Scenario is what the head of a scenario's file says: comment lines of the form "# key: value", and before them the story.
// The rest of the file is bash, in the words of internet.sh: it starts the servers and injects the fault.
type Scenario struct {
	// Name is the file's name without its extension.
	Name string
	// File is the path of the file.
	File string
	// Story is the comment on top: what happened there.
	Story string
	// Target is what rung is to check; "-" for the client's own network.
	Target string
	// Flags are more arguments for rung ("flags").
	Flags []string
	// Env are more environment variables for rung ("env"), each as NAME=VALUE.
	Env []string
	// Network are the words "client-public" and "server-nat", as internet.sh explains them ("network").
	Network string
	// Delay is a line and the time that a packet takes along it, as "access 50ms" ("delay"); what may follow says line, of internet.sh.
	Delay string
	// Rights are capabilities that rung has there, which it has to do without elsewhere ("rights"): "net_admin", as setpriv(1) names them.
	Rights []string
	// Verdict is the truth in a word: "ok", "warn", "fail".
	Verdict string
	// Causes are the causes that the report has, and no others ("cause", once for each): "ID SEVERITY CONFIDENCE", and its
	// "where" as a fourth word where that matters.
	Causes []string
	// Checks are statuses that matter ("check", once for each): "ID STATUS", or "ID ADDRESS STATUS".
	Checks []string
	// Says are texts that the evidence or the remedy of some cause has ("says", once for each).
	Says []string
	// Healthy names a scenario without the fault, which is to find rung content ("healthy").
	Healthy string
}

// target are the words of a command line that name the target.
func (s *Scenario) target() []string {
	if s.Target == "-" {
		return nil
	}
	return []string{s.Target}
}

// parseAll reads all scenarios of a directory, in the order of their names.
func parseAll(directory string) ([]*Scenario, error) {
	files, err := filepath.Glob(filepath.Join(directory, "*.sh"))
	if err != nil {
		return nil, err
	}
	all := make([]*Scenario, 0, len(files))
	for _, file := range files {
		s, err := parse(file)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// parse reads the head of a scenario's file, up to the first line that is no comment.
func parse(file string) (*Scenario, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	s := &Scenario{Name: strings.TrimSuffix(filepath.Base(file), ".sh"), File: file}
	for lines := bufio.NewScanner(f); lines.Scan() && strings.HasPrefix(lines.Text(), "#"); {
		if err := s.head(strings.TrimSpace(strings.TrimPrefix(lines.Text(), "#"))); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	if s.Story == "" || s.Target == "" || s.Verdict == "" {
		return nil, fmt.Errorf("%s: needs a story, a target and a verdict", file)
	}
	return s, nil
}

// head takes one line of the head: of the story before the first key, a key and its value from there.
func (s *Scenario) head(line string) error {
	key, value, found := strings.Cut(line, ": ")
	value = strings.TrimSpace(value)
	switch {
	case !found || strings.Contains(key, " "):
		if s.Target != "" {
			return fmt.Errorf("%q is neither a key and its value nor, before them, the story", line)
		}
		s.Story = strings.TrimSpace(s.Story + " " + line)
	case key == "target":
		s.Target = value
	case key == "flags":
		s.Flags = strings.Fields(value)
	case key == "env":
		s.Env = append(s.Env, value)
	case key == "network":
		s.Network = value
	case key == "delay":
		s.Delay = value
	case key == "rights":
		s.Rights = strings.Fields(value)
	case key == "verdict":
		s.Verdict = value
	case key == "cause":
		s.Causes = append(s.Causes, value)
	case key == "check":
		s.Checks = append(s.Checks, value)
	case key == "says":
		s.Says = append(s.Says, value)
	case key == "healthy":
		s.Healthy = value
	default:
		return fmt.Errorf("unknown key %q", key)
	}
	return nil
}
