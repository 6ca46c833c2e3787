// Package netlinktest helps tests that ask a real Linux kernel: network namespaces of their own to ask in, and recorded
// answers. On other systems it is empty.
package netlinktest
