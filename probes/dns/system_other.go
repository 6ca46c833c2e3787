//go:build !windows

package dns

// systemConfig is what the system says where its configuration is in no file.
func systemConfig() (config Config, ok bool) { return Config{}, false }
