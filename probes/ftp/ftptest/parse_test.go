package ftptest

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
)

func FuzzParsePORT(f *testing.F) {
	for _, seed := range []string{"127,0,0,1,39,16", "1,2,3,4,5", "256,0,0,1,0,0", ",,,,,", "-1,0,0,0,0,0", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, arg string) {
		to, ok := parsePORT(arg)
		if !ok {
			return
		}
		h, p := to.Addr().As4(), to.Port()
		again, ok := parsePORT(fmt.Sprintf("%d,%d,%d,%d,%d,%d", h[0], h[1], h[2], h[3], p>>8, p&0xff))
		assert.True(t, ok)
		assert.Equal(t, to, again)
	})
}

func FuzzParseEPRT(f *testing.F) {
	for _, seed := range []string{"|1|127.0.0.1|10000|", "|2|::1|10000|", "!1!127.0.0.1!1!", "||||", "|2|fe80::1%lo|1|", "|", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, arg string) {
		_, to, ok := parseEPRT(arg)
		if !ok {
			return
		}
		_, again, ok := parseEPRT(fmt.Sprintf("|1|%s|%d|", to.Addr(), to.Port()))
		assert.True(t, ok)
		assert.Equal(t, to, again)
	})
}

func TestParseEPRT(t *testing.T) {
	protocol, to, ok := parseEPRT("|2|::1|10000|")
	assert.True(t, ok)
	assert.Equal(t, "2", protocol)
	assert.Equal(t, netip.MustParseAddrPort("[::1]:10000"), to)
}
