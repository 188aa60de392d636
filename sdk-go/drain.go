package motia

import (
	"os"
	"time"

	"motia/gen"
)

// After the grace the core may end the process within a second.
const (
	stopping   = 400 * time.Millisecond // for cancelled handlers to clean up
	confirming = 300 * time.Millisecond // for the core to confirm completes; more when there is grace left
	flushing   = 200 * time.Millisecond // for logs
	looking    = 5 * time.Millisecond
)

// drain waits for Drain, and then brings the session to rest.
func (s *session) drain() {
	grace := time.Duration(<-s.draining) * time.Millisecond
	end := time.Now().Add(grace)
	isIdle := func() bool { return len(s.attempts) == 0 }
	if !s.within(grace, isIdle) {
		for _, a := range s.all() {
			a.stop(gen.CancelReason_CANCEL_REASON_SHUTDOWN, false)
		}
		if !s.within(stopping, isIdle) {
			for _, a := range s.all() { // they ignore it
				complete := a.failure(a.cancelled())
				complete.InvocationId, complete.LeaseToken = a.invoke.GetInvocationId(), a.invoke.GetLeaseToken()
				s.finish(a, complete)
			}
		}
	}
	s.within(max(confirming, time.Until(end)), func() bool { return len(s.unconfirmed) == 0 })
	s.within(flushing, s.logs.isEmpty)
	s.mu.Lock()
	s.out = append(s.out, pack(&gen.SidecarFrame{Frame: &gen.SidecarFrame_Drained{Drained: &gen.Drained{}}}))
	s.isLast = true
	s.mu.Unlock()
	s.signal()
}

func (s *session) within(limit time.Duration, isSo func() bool) bool {
	for end := time.Now().Add(limit); ; time.Sleep(looking) {
		s.mu.Lock()
		so := isSo()
		s.mu.Unlock()
		if so || time.Now().After(end) {
			return so
		}
	}
}

func (s *session) all() (found []*attempt) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.attempts {
		found = append(found, a)
	}
	return found
}

func (s *session) isEnding() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.isDraining
}

func (s *session) isLastSent() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.isLast && len(s.out) == 0
}

// leave asks the core to drain this sidecar, which somebody else has launched; a core of revision 1 does not know that.
func (s *session) leave() {
	s.mu.Lock()
	s.isLeaving = true
	isServed := s.connected && s.welcome.Load().GetRevision() >= 2
	if isServed {
		s.sayLeaving()
	}
	s.mu.Unlock()
	if !isServed {
		os.Exit(0)
	}
	s.signal()
}

func (s *session) sayLeaving() {
	s.out = append(s.out, pack(&gen.SidecarFrame{Frame: &gen.SidecarFrame_Leaving{Leaving: &gen.Leaving{}}}))
}

// hasLeft says whether this sidecar was asked to end: then it does not wait for a core that does not come back.
func (s *session) hasLeft() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.isLeaving
}
