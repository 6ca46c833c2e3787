package ftpclient

import (
	"crypto/tls"
	"errors"
	"net"
	"net/textproto"
	"strconv"
	"strings"

	"github.com/jlaffaye/ftp"

	"github.com/rung-cli/rung/probes"
)

// fault is the error that the library ended with, or our own that it passed on, free of the password. Its kind is that of what went
// wrong first; its message has all of it.
func (g *guard) fault(step string, err error) *probes.Fault {
	if err == nil {
		return nil
	}
	cause := first(err)
	f := *probes.NewFault(g.user, step, cause)
	f.Step = step
	if f.Kind == probes.Other {
		f.Kind = g.kind(step, cause)
	}
	f.Message = probes.Bound(g.mask(err.Error())) // in this order: half a password would not be found
	return &f
}

// first is the first of the errors that the library joined: those of the data connection, of closing it, and of the final reply.
func first(err error) error {
	for {
		joined, ok := err.(interface{ Unwrap() []error })
		if _, failed := err.(*probes.DialError); failed || !ok { //nolint:errorlint // an error and its ICMP error are one
			return err
		}
		err = joined.Unwrap()[0]
	}
}

// kind classifies the errors of the library and of what it is built on. Of a refused USER or OPTS the library keeps the text alone:
// that cannot be told from other errors.
func (g *guard) kind(step string, err error) probes.Kind {
	var notTLS tls.RecordHeaderError
	var notReply textproto.ProtocolError
	var notNumber *strconv.NumError
	var op *net.OpError
	code := codeOf(err)
	switch {
	case code >= 400:
		return probes.Negative
	case code != 0, errors.Is(err, ftp.ErrInvalidCommand):
		return probes.Other
	case errors.As(err, &notTLS), errors.As(err, &notReply), errors.As(err, &notNumber):
		return probes.Malformed
	case errors.As(err, &op) && op.Op == "remote error": // how crypto/tls tells of an alert
		return probes.Alert
	case step == "list" && len(g.dialed) == 1: // it found no port in the reply to PASV
		return probes.Malformed
	}
	return probes.Other
}

// codeOf is the code of the reply in the error; 0 where there is none.
func codeOf(err error) int {
	if reply, ok := errors.AsType[*textproto.Error](err); ok {
		return reply.Code
	}
	return 0
}

// mask hides the password in text that the server sent: some repeat it, as they got it or in ISO 8859-1. Go's own errors quote it.
func (g *guard) mask(text string) string {
	password := g.o.Password
	if !g.o.Secret || password == "" {
		return text
	}
	var pairs []string
	for _, echo := range []string{password, latin1(password), strings.ToUpper(password), strings.ToLower(password)} {
		quoted := strconv.Quote(echo)
		pairs = append(pairs, echo, "****", quoted[1:len(quoted)-1], "****")
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// latin1 is the text in ISO 8859-1, or as it was where that does not have all of its characters.
func latin1(text string) string {
	var raw []byte
	for _, r := range text {
		if r > 0xff {
			return text
		}
		raw = append(raw, byte(r))
	}
	return string(raw)
}
