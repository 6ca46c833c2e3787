package ftptest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	maxFiles    = 100     // files that the disk holds
	maxFileSize = 1 << 20 // bytes of one file
)

// errFull says that the disk has no room for a file, or for all of it.
var errFull = errors.New("disk full")

// disk is one directory in memory.
type disk struct {
	entries int // generated files in listings
	made    time.Time
	mu      sync.Mutex
	files   map[string]file
}

type file struct {
	content  string
	modified time.Time
	stored   bool // by a client
}

func newDisk(contents map[string]string, entries int) *disk {
	if contents == nil {
		contents = map[string]string{
			"README.txt":  "This is a small FTP server that keeps its files in memory.\r\n",
			"numbers.csv": "one,two,three\r\n1,2,3\r\n",
		}
	}
	d := &disk{entries: entries, made: time.Now().UTC(), files: make(map[string]file)}
	for name, content := range contents {
		d.files[name] = file{content: content, modified: d.made}
	}
	return d
}

// fileName is the file that a path means; empty for the directory itself.
func fileName(argument string) string {
	return strings.TrimPrefix(path.Clean("/"+argument), "/")
}

func (d *disk) get(argument string) (file, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f, ok := d.files[fileName(argument)]
	return f, ok
}

// put reads a file and keeps it.
func (d *disk) put(argument string, from io.Reader) error {
	content, err := io.ReadAll(io.LimitReader(from, maxFileSize+1))
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, replaces := d.files[fileName(argument)]; len(content) > maxFileSize || !replaces && len(d.files) >= maxFiles {
		return errFull
	}
	d.files[fileName(argument)] = file{content: string(content), modified: time.Now().UTC(), stored: true}
	return nil
}

// remove says whether there was such a file.
func (d *disk) remove(argument string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, ok := d.files[fileName(argument)]
	delete(d.files, fileName(argument))
	return ok
}

// stored is how many of the files clients have stored.
func (d *disk) stored() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := 0
	for _, f := range d.files {
		if f.stored {
			n++
		}
	}
	return n
}

// list writes a line for each file that the argument means: all of them, or one. Generated files come last.
func (d *disk) list(to io.Writer, argument string, line func(name string, f file) string) error {
	files := d.matching(argument)
	out := bufio.NewWriter(to)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		_, _ = out.WriteString(line(name, files[name])) // Flush returns the first error
	}
	if fileName(argument) == "" {
		for i := range d.entries {
			if _, err := out.WriteString(line(fmt.Sprintf("file-%06d.txt", i+1), file{modified: d.made})); err != nil {
				return err
			}
		}
	}
	return out.Flush()
}

func (d *disk) matching(argument string) map[string]file {
	d.mu.Lock()
	defer d.mu.Unlock()
	if fileName(argument) == "" {
		return maps.Clone(d.files)
	}
	if f, ok := d.files[fileName(argument)]; ok {
		return map[string]file{fileName(argument): f}
	}
	return nil
}

// longLine is a file as ls -l shows it.
func longLine(name string, f file) string {
	return fmt.Sprintf("-rw-r--r--   1 ftp      ftp      %8d %s %s\r\n", len(f.content), f.modified.Format("Jan _2 15:04"), name)
}

func nameLine(name string, _ file) string { return name + "\r\n" }
