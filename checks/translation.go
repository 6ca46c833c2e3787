package checks

import (
	"net/netip"

	"github.com/rung-cli/rung/probes/ftp"
)

// Translation is what is known of address translation (RFC 2663) between us and the server.
type Translation struct {
	// Local is our own address on the control connection.
	Local netip.Addr `json:"local"`
	// Seen is our address as the server sees it, where it told.
	Seen netip.Addr `json:"seen,omitzero"`
	// Translated is "yes", "no" or "unknown".
	Translated string `json:"translated"`
	// Because says by what that is known.
	Because string `json:"because"`
}

// translation tells whether something between us and the server translates our address.
func translation(s *Service) *Translation {
	a := seen(s.Active)
	if a == nil || !a.Local.IsValid() {
		return nil
	}
	t := &Translation{Local: a.Local.WithZone(""), Seen: a.Seen, Translated: "unknown", Because: "the server was not asked, or did not tell"}
	nat, behind := behindNAT(a)
	switch {
	case behind:
		t.Translated, t.Because = "yes", nat
	case a.Seen.IsValid():
		t.Translated, t.Because = "no", "the server sees our own address"
	case reachedAsAnnounced(a):
		t.Translated, t.Because = "no", "the server connected to our own address, as it was announced"
	}
	return t
}

// reachedAsAnnounced says that the server reached the address that we have, by what we told it. A private address that a helper
// translates on the way is told apart before.
func reachedAsAnnounced(a *ftp.Active) bool {
	if len(a.Attempts) == 0 {
		return false
	}
	last := lastAttempt(a)
	return last.From.Addr() == a.Peer && last.Announced.Addr() == a.Local.WithZone("")
}
