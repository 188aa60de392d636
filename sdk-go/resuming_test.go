package motia

import (
	"errors"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"motia/gen"
)

// begun is a session with a first connection, in which one attempt runs.
func begun(t *testing.T, invoke *gen.Invoke) (*session, *attempt) {
	t.Helper()
	s := newSession(settings{}, Build{})
	s.begin(&gen.Welcome{Revision: 2, ApiSlots: 4, BackgroundSlots: 4, ChunkWindowBytes: 1 << 20, Capabilities: capabilities})
	a := newAttempt(s, &Step{}, invoke)
	s.attempts[invoke.GetInvocationId()] = a
	return s, a
}

// sent takes what is in the outbox.
func sent(t *testing.T, s *session) []*gen.SidecarFrame {
	t.Helper()
	frames, _ := s.collect()
	request := &gen.SessionRequest{}
	for _, frame := range frames {
		if err := (proto.UnmarshalOptions{Merge: true}).Unmarshal(frame, request); err != nil {
			t.Fatal(err)
		}
	}
	return request.GetFrames()
}

func TestAResponseThatALostConnectionCutsIsNotGoneOnWith(t *testing.T) {
	for _, resumed := range []bool{true, false} {
		s, a := begun(t, &gen.Invoke{InvocationId: 7, Pool: gen.Pool_POOL_API})
		err := a.stream(&HTTPResponse{Status: 200}, func(send func(any) error) error {
			if err := send("one"); err != nil {
				t.Error(err)
			}
			s.begin(&gen.Welcome{Revision: 2, Resumed: resumed, ApiSlots: 4, ChunkWindowBytes: 1 << 20, Capabilities: capabilities})
			<-a.ctx.Done()
			return send("two")
		})
		if !errors.Is(err, ErrClientGone) {
			t.Error(resumed, err)
		}
		a.complete(err, 0)
		ends := 0
		for _, frame := range sent(t, s) {
			if frame.GetResponseStart() != nil || frame.GetResponseChunk() != nil {
				t.Error("a piece was sent over the new connection:", resumed, frame)
			}
			if frame.GetComplete().GetFailure() != nil {
				ends++
			}
		}
		if resumed != (ends == 1) {
			t.Error(resumed, ends)
		}
		if want := map[bool]uint64{true: 5, false: 4}[resumed]; s.granted[gen.Pool_POOL_API] != want {
			t.Error(resumed, s.granted)
		}
	}
}

func TestAResponseOfAForgottenSessionIsNotBegun(t *testing.T) {
	s, a := begun(t, &gen.Invoke{InvocationId: 7, Pool: gen.Pool_POOL_API})
	s.begin(&gen.Welcome{Revision: 2, ApiSlots: 4, Capabilities: capabilities})
	err := a.stream(&HTTPResponse{Status: 200}, func(send func(any) error) error { return nil })
	if !errors.Is(err, ErrClientGone) || s.granted[gen.Pool_POOL_API] != 4 {
		t.Error(err, s.granted)
	}
}

func TestAnAnsweredRequestIsNotServedAgainAfterAResume(t *testing.T) {
	s, a := begun(t, &gen.Invoke{InvocationId: 7, Pool: gen.Pool_POOL_API})
	served := make(chan bool, 2)
	s.steps["a"] = &Step{serve: func(a *attempt) error { served <- true; return a.done(nil) }}
	_ = a.done(nil)
	a.complete(nil, 0)
	s.begin(&gen.Welcome{Resumed: true})
	for _, id := range []uint64{7, 8} {
		if err := s.onInvoke(&gen.Invoke{InvocationId: id, Step: "a"}); err != nil {
			t.Fatal(err)
		}
	}
	<-served
	time.Sleep(20 * time.Millisecond)
	if len(served) > 0 {
		t.Error("it was served twice")
	}
	s.begin(&gen.Welcome{})
	if err := s.onInvoke(&gen.Invoke{InvocationId: 7, Step: "a"}); err != nil {
		t.Fatal(err)
	}
	select {
	case <-served: // a new session counts anew
	case <-time.After(5 * time.Second):
		t.Error("an invocation of another session was not served")
	}
}

type unspeakable struct{ why string }

func (u *unspeakable) Error() string { return u.why }

func TestErrorsThatPanicFailTheirAttemptOnly(t *testing.T) {
	var none *unspeakable
	for _, err := range []error{none, TerminalError(none), &Failed{}} {
		s, a := begun(t, &gen.Invoke{InvocationId: 7, Durable: true})
		a.step.serve = func(*attempt) error { return err }
		a.run()
		message := ""
		for _, frame := range sent(t, s) {
			message += frame.GetComplete().GetFailure().GetMessage()
		}
		if !strings.Contains(message, "panics when it is asked what it says") {
			t.Errorf("%T: %q", err, message)
		}
	}
}

func TestNoErrorStaysNone(t *testing.T) {
	if TerminalError(nil) != nil || RetryableError(nil, time.Second) != nil {
		t.Error("success was made a failure")
	}
}
