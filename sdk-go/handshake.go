package motia

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"time"

	"google.golang.org/grpc"

	"motia/gen"
)

// connect dials and shakes hands until that works or the time is over; an external sidecar never gives up.
func (s *session) connect(resume string, left time.Duration) (*grpc.ClientConn, *link, []*gen.CoreFrame, error) {
	until, told := time.Now().Add(left), time.Time{}
	for pause := time.Duration(0); ; pause = min(pause*2+50*time.Millisecond, 5*time.Second) {
		if !s.settings.external {
			pause = min(pause, time.Second)
		}
		time.Sleep(pause)
		connection, err := dial(s.settings)
		if err != nil {
			return nil, nil, nil, err
		}
		stream, early, err := s.shakeHands(connection, resume)
		if err == nil {
			return connection, stream, early, nil
		}
		connection.Close()
		var refused refusal
		var broken violation
		if errors.As(err, &refused) || errors.As(err, &broken) || !s.settings.external && time.Now().After(until) {
			return nil, nil, nil, err
		}
		if s.hasLeft() && time.Now().After(until) {
			return nil, nil, nil, errDrained
		}
		if s.settings.ca != "" {
			if why := s.settings.mistrust(); why != nil {
				return nil, nil, nil, why
			}
		}
		if s.settings.external && time.Since(told) > time.Minute {
			told = time.Now()
			fmt.Fprintf(os.Stderr, "motia: the core at %s cannot be reached (%v); trying until it can\n", s.settings.address, err)
		}
	}
}

// link is the stream of one connection.
type link struct {
	grpc.ClientStream
	ctx  context.Context
	drop context.CancelCauseFunc
}

func (l *link) read() ([]*gen.CoreFrame, error) {
	response := new(gen.SessionResponse)
	if err := l.RecvMsg(response); err != nil {
		if cause := context.Cause(l.ctx); cause != nil {
			err = cause
		}
		return nil, fmt.Errorf("the connection to the core is lost: %w", err)
	}
	return response.GetFrames(), nil
}

func (s *session) shakeHands(connection *grpc.ClientConn, resume string) (*link, []*gen.CoreFrame, error) {
	ctx, drop := context.WithCancelCause(context.Background())
	timer := time.AfterFunc(handshake, func() { drop(fmt.Errorf("the core did not answer Hello within %s", handshake)) })
	defer timer.Stop()
	stream, err := openSession(ctx, connection)
	if err != nil {
		drop(nil)
		return nil, nil, err
	}
	l := &link{stream, ctx, drop}
	hello := &gen.Hello{Token: s.settings.token, Revisions: revisions, SdkName: "motia-go", SdkVersion: version, Language: s.settings.language,
		LanguageVersion: runtime.Version()[2:], Pid: uint32(os.Getpid()), Capabilities: capabilities, ResumeSessionId: resume, Name: s.settings.name}
	if err := l.SendMsg(batch{pack(&gen.SidecarFrame{Frame: &gen.SidecarFrame_Hello{Hello: hello}})}); err != nil {
		_, err = l.read() // says more
		return nil, nil, err
	}
	var frames []*gen.CoreFrame
	for len(frames) == 0 {
		if frames, err = l.read(); err != nil {
			return nil, nil, err
		}
	}
	first := frames[0]
	welcome := first.GetWelcome()
	switch {
	case first.GetProtocolError() != nil:
		return nil, nil, refusal{first.GetProtocolError().GetMessage()}
	case welcome == nil:
		return nil, nil, s.refuse(l, violation{gen.ProtocolErrorCode_PROTOCOL_ERROR_CODE_UNEXPECTED_FRAME, fmt.Sprintf("%T came before Welcome", first.GetFrame())})
	case !slices.Contains(revisions, welcome.GetRevision()):
		return nil, nil, s.refuse(l, violation{gen.ProtocolErrorCode_PROTOCOL_ERROR_CODE_REVISION,
			fmt.Sprintf("Welcome chose revision %d, motia-go %s speaks %v", welcome.GetRevision(), version, revisions)})
	case resume != "" && !welcome.GetResumed() && !s.settings.external:
		return nil, nil, refusal{"the core has forgotten this session; it starts a new sidecar"}
	}
	s.begin(welcome)
	if s.settings.external {
		fmt.Fprintln(os.Stderr, "motia: connected to the core at", s.settings.address)
	}
	return l, frames[1:], nil
}

// refuse ends a connection that nobody writes to yet.
func (s *session) refuse(l *link, broken violation) error {
	_ = l.SendMsg(batch{broken.frame()})
	s.close(l)
	return broken
}

func (v violation) frame() []byte {
	wrong := &gen.ProtocolError{Code: v.code, Message: v.message}
	return pack(&gen.SidecarFrame{Frame: &gen.SidecarFrame_ProtocolError{ProtocolError: wrong}})
}

// close says that nothing follows, and waits until the core has read it all.
func (s *session) close(l *link) {
	_ = l.CloseSend()
	s.await(l)
}

// await waits until the core has read everything and closes.
func (s *session) await(l *link) {
	defer time.AfterFunc(finishing, func() { l.drop(nil) }).Stop()
	for {
		if _, err := l.read(); err != nil {
			return
		}
	}
}
