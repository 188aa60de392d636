package motia

import (
	"fmt"
	"time"

	"motia/gen"
)

// on acts on one frame of the core.
func (s *session) on(l *link, frame *gen.CoreFrame) error {
	switch f := frame.GetFrame().(type) {
	case *gen.CoreFrame_Invoke:
		return s.onInvoke(f.Invoke)
	case *gen.CoreFrame_CallReply:
		s.mu.Lock()
		call, ok := s.calls[f.CallReply.GetCallId()]
		delete(s.calls, f.CallReply.GetCallId())
		s.mu.Unlock()
		if ok {
			call.reply <- f.CallReply
		}
	case *gen.CoreFrame_CompleteAck:
		s.mu.Lock()
		for _, id := range f.CompleteAck.GetInvocationIds() {
			delete(s.unconfirmed, id)
		}
		s.mu.Unlock()
	case *gen.CoreFrame_HeartbeatAck:
		s.mu.Lock() // what was sent before that heartbeat has arrived
		arrived := 0
		for arrived < len(s.doubtful) && s.doubtful[arrived].beat < f.HeartbeatAck.GetSequence() {
			arrived++
		}
		s.doubtful = s.doubtful[arrived:]
		s.mu.Unlock()
	case *gen.CoreFrame_Cancel:
		if a := s.running(f.Cancel.GetInvocationId()); a != nil {
			a.stop(f.Cancel.GetReason(), f.Cancel.GetSignalOnly())
		}
	case *gen.CoreFrame_ChunkAck:
		if a := s.running(f.ChunkAck.GetInvocationId()); a != nil {
			a.tookChunks(f.ChunkAck.GetTotalBytes())
		}
	case *gen.CoreFrame_Project:
		names := map[string]bool{}
		for _, name := range f.Project.GetStreamNames() {
			names[name] = true
		}
		s.streams.Store(&names)
	case *gen.CoreFrame_Load:
		if s.loaded {
			return violation{gen.ProtocolErrorCode_PROTOCOL_ERROR_CODE_UNEXPECTED_FRAME, "a second Load in one session"}
		}
		if s.loaded, s.digest = true, f.Load.GetDigest(); f.Load.GetVerify() && s.digest != s.build.Digest {
			return violation{gen.ProtocolErrorCode_PROTOCOL_ERROR_CODE_DIGEST, fmt.Sprintf("this program was built of files with the digest %s, "+
				"those of the core have %s: deploy the same version of the project to both", s.build.Digest, s.digest)}
		}
		go s.load(l.ctx, f.Load)
	case *gen.CoreFrame_LoadingAck:
		s.loadingAcks <- f.LoadingAck.GetPath()
	case *gen.CoreFrame_Drain:
		s.mu.Lock()
		s.isDraining = true // from the next frame on
		s.mu.Unlock()
		select {
		case s.draining <- f.Drain.GetGraceMs():
		default:
		}
	case *gen.CoreFrame_ProtocolError:
		return refusal{f.ProtocolError.GetMessage()}
	case nil:
		if frame.GetMustUnderstand() {
			return violation{gen.ProtocolErrorCode_PROTOCOL_ERROR_CODE_NOT_UNDERSTOOD, "a frame that must be understood is not known to motia-go " + version + ": upgrade it"}
		}
	}
	return nil
}

func (s *session) running(id uint64) *attempt {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.attempts[id]
}

func (s *session) onInvoke(invoke *gen.Invoke) error {
	if invoke.GetManifestDigest() != s.digest {
		return violation{gen.ProtocolErrorCode_PROTOCOL_ERROR_CODE_DIGEST,
			fmt.Sprintf("Invoke of %s names the manifest %q, loaded is %q", invoke.GetStep(), invoke.GetManifestDigest(), s.digest)}
	}
	step := s.steps[invoke.GetStep()]
	a := newAttempt(s, step, invoke)
	id := invoke.GetInvocationId()
	s.mu.Lock()
	_, isCompleted := s.unconfirmed[id]
	isKnown := s.attempts[id] != nil || isCompleted || s.answered[id]
	if !isKnown && !s.isDraining {
		s.attempts[id] = a
		s.fresh = append(s.fresh, a)
		if !s.isTimed {
			s.isTimed = true
			time.AfterFunc(acceptance, s.acceptLate)
		}
	}
	isDraining := s.isDraining
	s.mu.Unlock()
	switch {
	case isKnown:
	case isDraining:
		s.send(&gen.SidecarFrame{Frame: &gen.SidecarFrame_Returned{Returned: &gen.Returned{InvocationIds: []uint64{id}}}})
	case step == nil || step.serve == nil:
		go a.complete(&Failed{Kind: gen.FailureKind_FAILURE_KIND_LOAD_ERROR, Err: fmt.Errorf("there is no step %s with a handler", invoke.GetStep())}, 0)
	default:
		go a.run()
	}
	return nil
}

// acceptLate tells of attempts that have run for a moment without an end.
func (s *session) acceptLate() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.isTimed = false
	s.accept()
}

func (s *session) accept() {
	accepted := &gen.Accepted{}
	for _, a := range s.fresh {
		if !a.ended {
			accepted.InvocationIds = append(accepted.InvocationIds, a.invoke.GetInvocationId())
		}
	}
	clear(s.fresh)
	s.fresh = s.fresh[:0]
	if len(accepted.InvocationIds) > 0 {
		s.out = append(s.out, pack(&gen.SidecarFrame{Frame: &gen.SidecarFrame_Accepted{Accepted: accepted}}))
		s.signal()
	}
}

// call asks the core and waits for its reply.
func (s *session) call(a *attempt, call *gen.Call) ([]byte, error) {
	call.CallId = s.nextCall.Add(1)
	call.InvocationId, call.LeaseToken = a.invoke.GetInvocationId(), a.invoke.GetLeaseToken()
	pending := pendingCall{pack(&gen.SidecarFrame{Frame: &gen.SidecarFrame_Call{Call: call}}), make(chan *gen.CallReply, 1)}
	s.mu.Lock()
	if a.ended { // abandoned, or of a session that is gone
		s.mu.Unlock()
		return nil, ErrEnded
	}
	s.calls[call.CallId] = pending
	s.out = append(s.out, pending.frame)
	s.mu.Unlock()
	s.signal()
	reply := <-pending.reply
	if failed := reply.GetFailure(); failed != nil {
		return nil, &CallError{failed.GetKind(), failed.GetMessage()}
	}
	return reply.GetValue(), nil
}

// piece sends the head or a chunk of a streamed response, and grants the attempt's slot again; false: it was cut off by a lost
// connection.
func (s *session) piece(a *attempt, frame *gen.SidecarFrame) bool {
	packed := pack(frame)
	s.mu.Lock()
	defer s.mu.Unlock()
	if a.ended || a.broken {
		return false
	}
	s.out = append(s.out, packed)
	s.grant(a)
	s.signal()
	return true
}

func (s *session) grant(a *attempt) {
	if pool := a.invoke.GetPool(); !a.slotFree && pool > 0 && int(pool) < len(s.granted) {
		a.slotFree = true
		s.granted[pool]++
		s.credits[pool] = true
	}
}

// finish sends the end of an attempt, and keeps it until it must have arrived.
func (s *session) finish(a *attempt, complete *gen.Complete) {
	frame := &gen.SidecarFrame{Frame: &gen.SidecarFrame_Complete{Complete: complete}}
	packed, err := tryPack(frame)
	if err != nil { // a header, or a topic, that is not UTF-8
		complete.Outcome = a.failure(badResult("the outcome cannot be sent: %w", err)).Outcome
		packed = pack(frame)
	}
	s.mu.Lock()
	if !a.ended {
		a.ended = true
		delete(s.attempts, complete.InvocationId)
		s.grant(a)
		s.out = append(s.out, packed)
		if a.invoke.GetDurable() {
			s.unconfirmed[complete.InvocationId] = packed
		} else {
			s.doubtful = append(s.doubtful, sentComplete{complete.InvocationId, s.beats, packed})
		}
	}
	s.mu.Unlock()
	s.signal()
}
