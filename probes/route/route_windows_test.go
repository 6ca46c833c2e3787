package route

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/windows"
)

func TestLayoutOfForwardRow(t *testing.T) {
	var row windows.MibIpForwardRow2
	assert.EqualValues(t, sizeofForwardRow, unsafe.Sizeof(row))
	assert.EqualValues(t, 8, unsafe.Offsetof(row.InterfaceIndex))
	assert.EqualValues(t, 12, unsafe.Offsetof(row.DestinationPrefix))
	assert.EqualValues(t, 28, unsafe.Offsetof(row.DestinationPrefix.PrefixLength))
	assert.EqualValues(t, 44, unsafe.Offsetof(row.NextHop))
}

func TestSockaddrOf(t *testing.T) {
	for _, text := range []string{"192.0.2.1", "2001:db8::1"} {
		sa, err := sockaddrOf(addr(text))
		require.NoError(t, err)
		assert.Equal(t, sockaddrInet(addr(text)), unsafe.Slice((*byte)(unsafe.Pointer(&sa)), int(unsafe.Sizeof(sa))))
	}
}
