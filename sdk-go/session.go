package motia

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"

	"motia/gen"
)

const (
	version      = "0.1.0"
	patience     = 5 * time.Second // for the first connection; later ones get the core's resume window
	handshake    = 10 * time.Second
	silence      = 10 * time.Second       // without a word from the core, or five heartbeats: the connection is dead
	finishing    = 2 * time.Second        // for the core to read the last frame
	lookingAgain = 500 * time.Millisecond // whether the core's certificates are still not trusted
	acceptance   = 5 * time.Millisecond
	spacing      = 400 * time.Microsecond // from message to message: docs/decisions/0044-messages-of-a-fast-sidecar.md
)

var (
	revisions    = []uint32{1, 2}
	capabilities = []string{"streamed-responses", "uploads", "sockets", "stream-hooks", "several-steps"}
	errDrained   = errors.New("drained")
)

// refusal is a ProtocolError of the core; violation one of ours.
type refusal struct{ message string }
type violation struct {
	code    gen.ProtocolErrorCode
	message string
}

func (r refusal) Error() string   { return r.message }
func (v violation) Error() string { return v.message }

type pendingCall struct {
	frame []byte
	reply chan *gen.CallReply
}

type sentComplete struct {
	id    uint64
	beat  uint64 // heartbeats that were sent before it
	frame []byte
}

// session is the state of one session with the core, over one connection after another.
type session struct {
	settings settings
	build    Build
	welcome  atomic.Pointer[gen.Welcome] // handlers read it while another connection is made
	logs     telemetry
	streams  atomic.Pointer[map[string]bool] // nil: the core has not taken the manifest
	steps    map[string]*Step
	nextCall atomic.Uint32

	loadingAcks chan string
	draining    chan uint32 // its grace in milliseconds

	mu          sync.Mutex
	out         [][]byte
	wake        chan struct{}
	digest      string
	loaded      bool
	connected   bool
	granted     [3]uint64 // by pool
	credits     [3]bool   // which of them have changed
	isLeaving   bool      // asked to end
	isDraining  bool
	isLast      bool   // nothing is sent after what is in out
	lastWord    []byte // why the session ends: nothing else is sent any more
	attempts    map[uint64]*attempt
	fresh       []*attempt // not accepted yet
	isTimed     bool       // somebody will accept them
	unconfirmed map[uint64][]byte
	doubtful    []sentComplete  // of no durable attempt; they may not have arrived
	answered    map[uint64]bool // of those, what was sent over an earlier connection: the core may invoke it again
	calls       map[uint32]pendingCall
	beats       uint64
	heard       time.Time
}

func newSession(settings settings, build Build) *session {
	return &session{settings: settings, build: build, wake: make(chan struct{}, 1), logs: telemetry{wake: make(chan struct{}, 1)},
		loadingAcks: make(chan string, 1), draining: make(chan uint32, 1), attempts: map[uint64]*attempt{}, steps: map[string]*Step{},
		unconfirmed: map[uint64][]byte{}, calls: map[uint32]pendingCall{}}
}

func (s *session) has(capability string) bool {
	return slices.Contains(s.welcome.Load().GetCapabilities(), capability)
}

func (s *session) hasStream(name string) bool {
	names := s.streams.Load()
	return names != nil && (*names)[name]
}

// run serves until drained, or until the core has gone or refuses.
func (s *session) run() error {
	go s.drain()
	resume, left := "", patience
	for {
		connection, stream, early, err := s.connect(resume, left)
		if errors.Is(err, errDrained) {
			return nil
		}
		if err != nil {
			return err
		}
		err = s.serve(connection, stream, early)
		connection.Close()
		s.disconnected()
		var refused refusal
		var broken violation
		window := time.Duration(s.welcome.Load().GetResumeWindowMs()) * time.Millisecond
		switch {
		case errors.Is(err, errDrained):
			return nil
		case errors.As(err, &refused) || errors.As(err, &broken):
			return err
		case s.settings.external && s.isEnding():
			return nil
		case !s.settings.external && (s.streams.Load() == nil || window == 0 || s.isEnding()):
			return err
		}
		if resume, left = "", window; s.streams.Load() != nil { // before that, Load or Project may be lost
			resume = s.welcome.Load().GetSessionId()
		}
	}
}

// begin puts what the core must get into the outbox: everything unanswered when the session goes on, else the first credit.
func (s *session) begin(welcome *gen.Welcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.welcome.Store(welcome)
	s.heard, s.out, s.connected = time.Now(), nil, true
	s.credits, s.answered = [3]bool{false, true, true}, map[uint64]bool{}
	if welcome.GetResumed() {
		for _, id := range slices.Sorted(maps.Keys(s.unconfirmed)) {
			s.out = append(s.out, s.unconfirmed[id])
		}
		for _, sent := range s.doubtful {
			s.answered[sent.id] = true
			s.out = append(s.out, sent.frame)
		}
		for _, id := range slices.Sorted(maps.Keys(s.calls)) {
			s.out = append(s.out, s.calls[id].frame)
		}
		for _, a := range s.attempts {
			if a.slotFree { // pieces may be lost, and even the head: the core breaks the response off
				a.broken = true
				go a.stop(gen.CancelReason_CANCEL_REASON_CLIENT_GONE, false)
			}
		}
		s.fresh = slices.Collect(maps.Values(s.attempts))
		s.accept()
	} else {
		for id, a := range s.attempts {
			delete(s.attempts, id)
			a.ended = true
			go a.stop(gen.CancelReason_CANCEL_REASON_SHUTDOWN, false)
		}
		for id, call := range s.calls {
			delete(s.calls, id)
			call.reply <- &gen.CallReply{Result: &gen.CallReply_Failure{Failure: &gen.Failure{Message: "the core has forgotten this attempt"}}}
		}
		clear(s.unconfirmed)
		s.doubtful, s.beats, s.loaded, s.fresh = nil, 0, false, nil
		s.granted = [3]uint64{0, uint64(welcome.GetApiSlots()), uint64(welcome.GetBackgroundSlots())}
		s.streams.Store(nil)
	}
	if s.isLeaving { // it may have been lost with the connection before
		s.sayLeaving()
	}
	s.signal()
}

func (s *session) disconnected() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.connected = false
}

// serve uses one connection until it is lost or everything is done.
func (s *session) serve(connection *grpc.ClientConn, l *link, frames []*gen.CoreFrame) (err error) {
	written := make(chan struct{})
	go func() {
		defer close(written)
		s.write(l)
	}()
	defer func() { // a writer that is left behind would take frames of the next connection
		l.drop(nil)
		<-written
	}()
	go s.beat(l)
	go s.logs.run(l.ctx, connection, s.welcome.Load().GetSessionId())
	for err == nil {
		s.mu.Lock()
		s.heard = time.Now()
		s.mu.Unlock()
		for _, frame := range frames {
			if err = s.on(l, frame); err != nil {
				break
			}
		}
		if err == nil {
			frames, err = l.read()
		}
	}
	var broken violation
	if errors.As(err, &broken) {
		s.mu.Lock()
		s.lastWord = broken.frame()
		s.mu.Unlock()
		s.signal()
		s.await(l)
		return broken
	}
	if s.isLastSent() {
		return errDrained
	}
	return err
}

// write sends what accumulates. Nobody else does.
func (s *session) write(l *link) {
	last := time.Time{}
	for {
		select {
		case <-s.wake:
		case <-l.ctx.Done():
			s.signal() // for the writer of the next connection
			return
		}
		time.Sleep(spacing - time.Since(last))
		last = time.Now()
		frames, isLast := s.collect()
		if len(frames) > 0 {
			for _, message := range split(frames, s.welcome.Load().GetMaxMessageBytes()) {
				if err := l.SendMsg(message); err != nil {
					return // the reader knows why
				}
			}
		}
		if isLast {
			_ = l.CloseSend()
			time.AfterFunc(finishing, func() { l.drop(nil) })
			return
		}
	}
}

func (s *session) collect() ([][]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lastWord != nil {
		return [][]byte{s.lastWord}, true
	}
	for pool, changed := range s.credits {
		if changed && !s.isDraining {
			credit := &gen.Credit{Pool: gen.Pool(pool), Granted: s.granted[pool]}
			s.out = append(s.out, pack(&gen.SidecarFrame{Frame: &gen.SidecarFrame_Credit{Credit: credit}}))
		}
		s.credits[pool] = false
	}
	frames := s.out
	s.out = make([][]byte, 0, len(frames))
	return frames, s.isLast
}

func (s *session) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// send has a frame sent with the next batch.
func (s *session) send(frame *gen.SidecarFrame) {
	packed := pack(frame)
	s.mu.Lock()
	s.out = append(s.out, packed)
	s.mu.Unlock()
	s.signal()
}

// beat sends heartbeats, and drops a connection over which nothing comes any more.
func (s *session) beat(l *link) {
	interval := time.Duration(s.welcome.Load().GetHeartbeatIntervalMs()) * time.Millisecond
	if interval <= 0 {
		interval = 5 * time.Second
	}
	for next := time.Now().Add(interval); ; next = next.Add(interval) {
		select {
		case <-time.After(time.Until(next)):
		case <-l.ctx.Done():
			return
		}
		s.mu.Lock()
		s.beats++
		beat := &gen.Heartbeat{Sequence: s.beats, LoopLagMs: uint32(time.Since(next).Milliseconds()), MemoryBytes: residentBytes(),
			InFlight: uint32(len(s.attempts))}
		quiet := time.Since(s.heard)
		if !s.isLast { // Drained is the last frame
			s.out = append(s.out, pack(&gen.SidecarFrame{Frame: &gen.SidecarFrame_Heartbeat{Heartbeat: beat}}))
		}
		s.mu.Unlock()
		s.signal()
		if limit := max(silence, 5*interval); quiet > limit {
			l.drop(fmt.Errorf("nothing was heard from it for %s", limit))
		}
	}
}

// residentBytes is the memory of this process; 0 where that is not known.
func residentBytes() uint64 {
	var all, resident uint64
	text, _ := os.ReadFile("/proc/self/statm")
	_, _ = fmt.Sscan(string(text), &all, &resident)
	return resident * uint64(os.Getpagesize())
}
