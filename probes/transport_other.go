//go:build !linux && !darwin && !freebsd && !windows

package probes

func (s socket) transport() Transport { return Transport{} }
