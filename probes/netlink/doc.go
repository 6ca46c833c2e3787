// Package netlink asks the Linux kernel one question over rtnetlink (RFC 3549; rtnetlink(7)) and takes its answer apart.
//
// Asking and parsing are apart: an answer is a stream of bytes, so that a recorded one is a test. No privilege is needed for
// any question that this program asks. On other systems the package is empty.
package netlink
