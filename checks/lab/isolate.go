//go:build linux

package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	// home is what a scenario writes to: a directory that only its own processes see.
	home = "/run/lab"
	// internetFile is where it finds the lab's words.
	internetFile = home + "/internet.sh"
	// notBuilt is the exit status where the command did not run, since the scenario could not be built.
	notBuilt = 125
)

//go:embed internet.sh
var internet []byte

// The lab starts itself again for what needs a process of its own; the name it is called by says for what.
const (
	insideStage  = "lab-inside"
	delayStage   = "lab-delay"
	ntpStage     = "lab-ntp"
	censorStage  = "lab-censor"
	chatterStage = "lab-chatter"
)

// stage does the work of a process that the lab started from its own binary, and says whether this is one.
func stage() bool {
	var err error
	status := 0
	switch os.Args[0] {
	case insideStage:
		status, err = inside(os.Args[1:])
	case delayStage:
		err = delay(os.Args[1:])
	case ntpStage:
		err = ntp(os.Args[1:])
	case censorStage:
		err = censorship(os.Args[1:])
	case chatterStage:
		err = chatter()
	default:
		return false
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", os.Args[0], err)
		status = notBuilt
	}
	os.Exit(status)
	return true
}

// ready says what is missing for a scenario to be built here.
func ready() error {
	if os.Getuid() != 0 {
		return errors.New("the lab makes network namespaces and starts servers: it needs root")
	}
	if complete, _ := filepath.Glob(filepath.Join(cache(), "complete*")); complete == nil {
		return errors.New("the lab's servers are missing: run checks/lab/install as root (Debian and its relatives)")
	}
	return nil
}

// cache is where checks/lab/install put the servers.
func cache() string {
	if directory := os.Getenv("RUNG_LAB"); directory != "" {
		return directory
	}
	return "/var/cache/rung-lab"
}

// Command builds the scenario in namespaces of its own and runs a command in its client's namespace, as root, with rung in
// its PATH. The exit status is the command's, or notBuilt. Everything ends with the process, and that with the caller.
func (s *Scenario) Command(ctx context.Context, rung string, command ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "/proc/self/exe")
	cmd.Args = append([]string{insideStage, rung}, command...)
	cmd.Env = append([]string{
		"PATH=" + home + "/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"TERM=" + os.Getenv("TERM"),
		"RUNG_LAB=" + cache(),
		"SCENARIO=" + absolute(s.File),
		"NETWORK=" + s.Network,
		"DELAY=" + s.Delay,
		"TARGET=" + strings.Join(s.target(), ""),
		"FLAGS=" + strings.Join(s.Flags, " "),
		"SSL_CERT_FILE=" + home + "/tls/ca.pem",
	}, s.Env...)
	cmd.SysProcAttr = &unix.SysProcAttr{
		Cloneflags: unix.CLONE_NEWNET | unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC,
		Pdeathsig:  unix.SIGKILL,
	}
	return cmd
}

func absolute(file string) string {
	path, err := filepath.Abs(file)
	if err != nil {
		return file // there is no working directory: the file will not be found either
	}
	return path
}

// asNobody is a command as an ordinary user without any right beyond, which is what rung has to do with, but these.
func asNobody(rights []string, command ...string) []string {
	allowed := strings.Join(append([]string{"-all"}, rights...), ",+")
	return append([]string{
		"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
		"--bounding-set=" + allowed, "--inh-caps=" + allowed, "--ambient-caps=" + allowed, "--no-new-privs",
	}, command...)
}

// inside is the first process of a scenario's namespaces: it makes a file system in which the scenario may write, and hands
// over to internet.sh. Its arguments are rung's binary and the command to run.
func inside(args []string) (status int, err error) {
	if os.Getpid() != 1 {
		return 0, errors.New("not the first process of its namespaces: this would change the machine")
	}
	if err := furnish(args[0]); err != nil {
		return 0, err
	}
	leaveInterrupts()
	cmd := exec.Command("bash", append([]string{internetFile}, args[1:]...)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err = cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode(), nil
	}
	return 0, err
}

// furnish makes the file system. Nothing is written where a step before failed: it would be the machine's own.
func furnish(rung string) error {
	if err := mounts(); err != nil {
		return err
	}
	if err := files(); err != nil {
		return err
	}
	if err := certificates(home+"/tls", os.Getenv("SCENARIO")); err != nil {
		return err
	}
	return bindRung(rung)
}

// mounts hides the machine's /run (where ip-netns(8) keeps names), /etc and process table behind the scenario's own.
func mounts() error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("private mounts: %w", err)
	}
	if err := unix.Mount("tmpfs", "/run", "tmpfs", 0, "mode=0755"); err != nil {
		return fmt.Errorf("mount /run: %w", err)
	}
	for _, directory := range []string{"bin", "empty", "etc/upper", "etc/work", "ftp", "home/alice", "log", "tls"} {
		if err := os.MkdirAll(filepath.Join(home, directory), 0o755); err != nil {
			return err
		}
	}
	layers := fmt.Sprintf("lowerdir=/etc,upperdir=%[1]s/etc/upper,workdir=%[1]s/etc/work", home)
	if err := unix.Mount("overlay", "/etc", "overlay", 0, layers); err != nil {
		return fmt.Errorf("mount /etc: %w", err)
	}
	if err := unix.Mount("proc", "/proc", "proc", 0, ""); err != nil {
		return fmt.Errorf("mount /proc: %w", err)
	}
	return unix.Sethostname([]byte("client"))
}

// files writes the lab's words, and the few files of /etc that a scenario depends on, so that it is the same on every machine.
func files() error {
	for name, text := range map[string]string{
		internetFile:         string(internet),
		home + "/ftp/README": "what the servers serve\n",
		"/etc/resolv.conf":   "nameserver 198.51.100.53\n",
		"/etc/hosts":         "127.0.0.1 localhost client\n::1 localhost client\n",
		"/etc/nsswitch.conf": "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n",
		"/etc/group":         "root:x:0:\nftp:x:21:\nalice:x:1000:\nnogroup:x:65534:\n",
		"/etc/passwd": "root:x:0:0::/root:/bin/bash\n" +
			"ftp:x:21:21::" + home + "/ftp:/bin/false\n" +
			"alice:x:1000:1000::" + home + "/home/alice:/bin/bash\n" +
			"nobody:x:65534:65534::/nonexistent:/bin/false\n",
		// alice's password is "wonderland".
		"/etc/shadow": "root:*:20000::::::\nftp:*:20000::::::\nnobody:*:20000::::::\n" +
			"alice:$6$lab$tFM1RuvNYW0AsOdn72fnLk/DEtU.Iv.5BE1nUCV4j1JL7YBN1YPFwyE.z/ljFvBwkdN14Af8icRI07Or3cTAx/:20000::::::\n",
		"/etc/pam.d/vsftpd":    pam,
		"/etc/pam.d/proftpd":   pam,
		"/etc/pam.d/pure-ftpd": pam,
	} {
		_ = os.Remove(name) // may be a symbolic link, to where systemd-resolved was
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// pam is the least that pam(8) needs to compare a password with /etc/shadow.
const pam = "auth required pam_unix.so\naccount required pam_unix.so\nsession required pam_permit.so\n"

// bindRung makes rung's binary visible to a user who cannot read the directory that it was built in.
func bindRung(binary string) error {
	if binary == "" {
		return nil
	}
	place := home + "/bin/rung"
	if err := os.WriteFile(place, nil, 0o755); err != nil {
		return err
	}
	if err := unix.Mount(absolute(binary), place, "", unix.MS_BIND, ""); err != nil {
		return fmt.Errorf("mount %s: %w", place, err)
	}
	return nil
}
