package motia

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"motia/gen"
)

// attempt is one Invoke, from its start to its Complete.
type attempt struct {
	session  *session
	step     *Step
	invoke   *gen.Invoke
	ctx      context.Context
	cancel   context.CancelCauseFunc
	deadline time.Time
	outcome  *gen.Complete // what the handler made, when nothing failed
	slotFree bool          // under session.mu, like the next two; in a streamed response: its head has been sent
	ended    bool          // its Complete is on its way
	broken   bool          // what is streamed was cut by a lost connection

	mu        sync.Mutex
	idle      sync.Cond // nothing is outstanding, or the client of a stream takes more
	calls     int       // outstanding, with functions of Context.Go
	closed    bool      // no more calls
	failed    error     // of a function of Context.Go
	reason    gen.CancelReason
	stopped   bool // cancelled for good, not only signalled
	suspended *gen.Suspended
	known     map[string][]byte // results of earlier attempts, and of this one
	counts    map[string]int
	taken     uint64 // bytes of a streamed body that have gone on to the client
	streams   bool
}

func newAttempt(s *session, step *Step, invoke *gen.Invoke) *attempt {
	a := &attempt{session: s, step: step, invoke: invoke}
	a.idle.L = &a.mu
	a.ctx, a.cancel = context.WithCancelCause(context.Background())
	if invoke.GetTimeoutMs() > 0 {
		a.deadline = time.Now().Add(time.Duration(invoke.GetTimeoutMs()) * time.Millisecond)
	}
	return a
}

func (a *attempt) context() *Context {
	c := &Context{Context: a.ctx, TraceID: a.invoke.GetTraceId(), Traceparent: a.invoke.GetTraceparent(), Step: a.invoke.GetStep(),
		Attempt: int(a.invoke.GetAttempt()), MaxAttempts: int(a.invoke.GetMaxAttempts()), Flows: a.step.flows, attempt: a}
	c.State.c, c.Sockets.c = c, c
	c.Logger = slog.New(&logHandler{attempt: a})
	return c
}

// run calls the handler and sends what came of it.
func (a *attempt) run() {
	began, returned, err := time.Now(), false, error(nil)
	defer func() {
		if problem := recover(); problem != nil {
			err = panicked(problem)
		} else if !returned && !a.isSuspended() {
			err = errors.New("the handler ended its goroutine (runtime.Goexit)")
		}
		a.complete(err, time.Since(began))
	}()
	err = a.step.serve(a)
	returned = true
}

func (a *attempt) complete(err error, took time.Duration) {
	a.mu.Lock()
	for a.calls > 0 {
		a.idle.Wait()
	}
	a.closed = true
	complete := a.outcome
	switch {
	case a.stopped:
		complete = a.failure(a.cancelled())
	case a.streams && a.reason == gen.CancelReason_CANCEL_REASON_CLIENT_GONE:
		complete = &gen.Complete{Outcome: &gen.Complete_Done{Done: &gen.Done{}}}
	case a.failed != nil:
		complete = a.failure(a.failed)
	case a.suspended != nil: // whatever the handler did since
		complete = &gen.Complete{Outcome: &gen.Complete_Suspended{Suspended: a.suspended}}
	case err != nil:
		complete = a.failure(err)
	case complete == nil:
		complete = a.failure(badResult("the handler returned no response"))
	}
	a.mu.Unlock()
	a.cancel(nil)
	complete.InvocationId, complete.LeaseToken = a.invoke.GetInvocationId(), a.invoke.GetLeaseToken()
	complete.HandlerUs = uint64(took.Microseconds())
	a.session.finish(a, complete)
}

func (a *attempt) cancelled() error {
	if a.reason == gen.CancelReason_CANCEL_REASON_TIMEOUT {
		return &Failed{Kind: gen.FailureKind_FAILURE_KIND_TIMEOUT, Err: timeoutError(a.invoke.GetTimeoutMs())}
	}
	return &Failed{Kind: gen.FailureKind_FAILURE_KIND_CANCELLED, Err: errors.New("the attempt was cancelled: " + strings.ToLower(strings.TrimPrefix(a.reason.String(), "CANCEL_REASON_")))}
}

// timeoutError holds milliseconds; its words are those of Motia 0.x.
type timeoutError uint32

func (e timeoutError) Error() string {
	return fmt.Sprintf("Step execution timed out after %g seconds", float64(e)/1000)
}

func (a *attempt) failure(err error) *gen.Complete {
	wire := anyFailure(err)
	if wire.Stack == "" && a.step != nil { // Go's errors have no stack: at least which step it was
		wire.Stack = fmt.Sprintf("%s\n\t%s:%d", a.step.name, a.step.file, a.step.line)
	}
	return &gen.Complete{Outcome: &gen.Complete_Failure{Failure: wire}}
}

func (a *attempt) done(err error) error {
	a.outcome = &gen.Complete{Outcome: &gen.Complete_Done{Done: &gen.Done{}}}
	return err
}

// answer runs middleware and handler of an api step and turns what they say into the outcome.
func (a *attempt) answer(around []Middleware, handler func(*Context, *HTTPRequest) (*HTTPResponse, error)) error {
	c, request := a.context(), readRequest(a.invoke.GetHttp())
	var next func(int) (*HTTPResponse, error)
	next = func(i int) (response *HTTPResponse, err error) {
		if i < len(around) {
			response, err = around[i](c, request, func() (*HTTPResponse, error) { return next(i + 1) })
		} else {
			response, err = handler(c, request)
		}
		if err != nil && errors.As(err, &response) {
			err = nil
		}
		return response, err
	}
	response, err := next(0)
	if err != nil {
		return err
	}
	if response == nil || response.Status == 0 {
		return badResult("the response has no status: return motia.Response[…]{Status: 200, Body: …}")
	}
	if body, ok := response.Body.(Streamed); ok {
		return a.stream(response, body)
	}
	wire := response.head()
	if wire.BodyKind, wire.Body, err = bodyOf(response.Body); err != nil {
		return err
	}
	a.outcome = &gen.Complete{Outcome: &gen.Complete_Http{Http: wire}}
	return a.fits(wire.Body, "the body")
}

// fits is an error when a payload is larger than the core takes it.
func (a *attempt) fits(payload []byte, what string) error {
	if most := a.session.welcome.Load().GetMaxPayloadBytes(); most > 0 && uint64(len(payload)) > most {
		return &Failed{Kind: gen.FailureKind_FAILURE_KIND_PAYLOAD_TOO_LARGE,
			Err: fmt.Errorf("%s has %d bytes, the most is %d (payload.maxBytes)", what, len(payload), most)}
	}
	return nil
}

// begin counts a call; false: the attempt has ended.
func (a *attempt) begin() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.closed {
		a.calls++
	}
	return !a.closed
}

func (a *attempt) end() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.calls--; a.calls == 0 {
		a.idle.Broadcast()
	}
}

func (a *attempt) fail(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.failed == nil {
		a.failed = err
	}
}

// stop tells the handler to end. What only signals changes nothing about the outcome.
func (a *attempt) stop(reason gen.CancelReason, signalOnly bool) {
	a.mu.Lock()
	if a.reason == 0 {
		a.reason = reason
	}
	a.stopped = a.stopped || !signalOnly
	cause := a.cancelled()
	a.idle.Broadcast()
	a.mu.Unlock()
	a.cancel(cause)
}

func (a *attempt) isDurable() bool { return a.invoke.GetHttp() == nil && a.invoke.GetStream() == nil }

func (a *attempt) recall(key string) ([]byte, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if value, ok := a.known[key]; ok {
		return value, true
	}
	for _, remembered := range a.invoke.GetRemembered() {
		if remembered.GetKey() == key {
			return remembered.GetValue(), true
		}
	}
	return nil, false
}

func (a *attempt) remember(key string, value []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.known == nil {
		a.known = map[string][]byte{}
	}
	a.known[key] = value
}

func (a *attempt) nextKey(kind string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.counts == nil {
		a.counts = map[string]int{}
	}
	a.counts[kind]++
	return fmt.Sprintf("%s:%d", kind, a.counts[kind])
}

func (a *attempt) suspend(until *gen.Suspended) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.suspended == nil {
		a.suspended = until
	}
}

func (a *attempt) isSuspended() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.suspended != nil
}
