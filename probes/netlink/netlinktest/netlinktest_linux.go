package netlinktest

import (
	"encoding/binary"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

var update = flag.Bool("update", false, "record the kernel's answers anew under testdata (as root)")

// nobody is the user id of no one in particular.
const nobody = 65534

// Namespace moves the test's goroutine into a network namespace of its own and runs commands there: "ip link set lo up". The
// namespace vanishes with the goroutine, so the test must not start subtests or goroutines that ask the kernel. Without the
// rights for it the test is skipped; with CI=true in the environment it fails.
func Namespace(t *testing.T, commands ...string) {
	t.Helper()
	if os.Getuid() != 0 {
		skip(t, "a network namespace of its own needs root")
	}
	if _, err := exec.LookPath("ip"); err != nil {
		skip(t, "ip(8) is not installed: apt-get install iproute2")
	}
	runtime.LockOSThread() // for good: a thread that changed its namespace ends with its goroutine
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		skip(t, "no network namespace of its own: "+err.Error())
	}
	for _, command := range commands {
		words := strings.Fields(command)
		if out, err := exec.CommandContext(t.Context(), words[0], words[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", command, err, out)
		}
	}
}

func skip(t *testing.T, reason string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(reason)
	}
	t.Skip(reason)
}

// Unprivileged takes all rights from the goroutine of a test that called Namespace: the user is nobody from here on.
func Unprivileged(t *testing.T) {
	t.Helper()
	// The raw call changes this thread alone; that of package syscall would change all.
	if _, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, nobody, nobody, nobody); errno != 0 {
		t.Fatal(errno)
	}
}

// Record keeps an answer of the kernel under testdata, if the tests run with -update.
func Record(t *testing.T, name string, answer []byte) {
	t.Helper()
	if !*update {
		return
	}
	if err := os.WriteFile(file(name), answer, 0o644); err != nil {
		t.Fatal(err)
	}
}

// Recorded is the answer that Record kept. It is in the byte order of the machine that it was recorded on, which most are.
func Recorded(t testing.TB, name string) []byte {
	t.Helper()
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		t.Skip("recorded on a little-endian machine")
	}
	answer, err := os.ReadFile(file(name))
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func file(name string) string { return filepath.Join("testdata", strings.ReplaceAll(name, " ", "-")) }

// Message is a message of the kernel's with the body, alone in its answer.
func Message(kind uint16, body []byte) []byte {
	message := binary.NativeEndian.AppendUint32(nil, uint32(unix.SizeofNlMsghdr+len(body)))
	message = binary.NativeEndian.AppendUint16(message, kind)
	message = append(message, make([]byte, unix.SizeofNlMsghdr-len(message))...)
	return append(message, body...)
}
