package clock

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/rung-cli/rung/probes"
)

// kernel asks adjtimex(2), which changes nothing without a mode and then needs no right. Some containers forbid it all the same.
func kernel() *Kernel {
	var state unix.Timex
	if _, err := unix.Adjtimex(&state); err != nil {
		return nil
	}
	return kernelOf(&state)
}

// kernelOf reads struct timex, whose errors are in microseconds.
func kernelOf(state *unix.Timex) *Kernel {
	return &Kernel{
		Synchronized:   state.Status&unix.STA_UNSYNC == 0,
		MaxError:       probes.Millis(time.Duration(state.Maxerror) * time.Microsecond),
		EstimatedError: probes.Millis(time.Duration(state.Esterror) * time.Microsecond),
	}
}
