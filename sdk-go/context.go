package motia

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"time"

	"motia/gen"
)

// Context is what a handler asks the core with. It is done when the attempt is cancelled; calls work until the handler
// has returned all the same, so that it can clean up.
type Context struct {
	context.Context
	TraceID     string
	Traceparent string
	Step        string // how the core names the step
	Attempt     int    // from 1
	MaxAttempts int
	Flows       []string
	Logger      *slog.Logger
	State       State
	Sockets     Sockets
	attempt     *attempt
	inRun       bool
}

// Deadline is when the core will cancel the attempt.
func (c *Context) Deadline() (time.Time, bool) {
	return c.attempt.deadline, !c.attempt.deadline.IsZero()
}

// EmitOptions say when and how an event is delivered.
type EmitOptions struct {
	Group             string // of a fifo queue
	Delay             time.Duration
	At                time.Time
	IdempotencyKey    string
	IdempotencyWindow time.Duration
	Priority          int // -100 to 100
}

// Emit publishes an event; it returns when that is durable. Data that is nil is an event without any.
func (c *Context) Emit(topic string, data any, options ...EmitOptions) error {
	emit := &gen.Emit{Topic: topic}
	if data != nil {
		text, err := c.payload(data, "the data of "+topic)
		if err != nil {
			return err
		}
		emit.Data = text
	}
	for _, o := range options {
		emit.MessageGroupId, emit.IdempotencyKey, emit.Priority = o.Group, o.IdempotencyKey, int32(o.Priority)
		emit.IdempotencyWindowMs = milliseconds(o.IdempotencyWindow)
		if o.Delay > 0 {
			emit.DelayMs = Ptr(milliseconds(o.Delay))
		}
		if !o.At.IsZero() {
			emit.AtUnixMs = uint64(o.At.UnixMilli())
		}
	}
	_, err := c.write(&gen.Call{Operation: &gen.Call_Emit{Emit: emit}})
	return err
}

// Go runs a function beside the handler. The attempt does not end before it has returned, and fails when it does.
func (c *Context) Go(function func() error) {
	if !c.attempt.begin() {
		return
	}
	go func() {
		returned := false
		defer func() {
			if problem := recover(); problem != nil {
				c.attempt.fail(panicked(problem))
			} else if !returned && !c.attempt.isSuspended() {
				c.attempt.fail(fmt.Errorf("a function of Context.Go ended its goroutine"))
			}
			c.attempt.end()
		}()
		c.attempt.fail(function())
		returned = true
	}()
}

// Run gives the result that an earlier attempt remembered under the key, or else runs the function and remembers what it
// returns. Errors are not remembered. Use the context that the function gets.
func Run[T any](c *Context, key string, function func(*Context) (T, error)) (result T, err error) {
	if key == "" {
		return result, fmt.Errorf("Run needs a key, unique within the step")
	}
	if known, ok := c.attempt.recall(key); ok {
		return decode[T](known)
	}
	inner := *c
	inner.inRun = true
	inner.State.c, inner.Sockets.c = &inner, &inner
	if result, err = function(&inner); err != nil {
		return result, err
	}
	text, err := c.payload(result, "the result of Run "+key)
	if err == nil && c.attempt.isDurable() {
		_, err = c.call(&gen.Call{Operation: &gen.Call_Remember{Remember: &gen.Remember{Key: key, Value: text}}})
	}
	if err == nil {
		c.attempt.remember(key, text)
	}
	return result, err
}

// Sleep ends the attempt, like runtime.Goexit, unless the pause is over: the handler is called again then, from its
// start. It returns an error in api steps only. A key names the pause where the order of calls is not always the same.
func (c *Context) Sleep(pause time.Duration, key ...string) error {
	_, err := c.suspend("sleep", key, &gen.Suspended{Until: &gen.Suspended_SleepMs{SleepMs: milliseconds(pause)}})
	return err
}

// WaitOptions say which event WaitFor waits for.
type WaitOptions struct {
	Match   map[string]any // what the data must have
	Timeout time.Duration  // 0: for ever
	Key     string
}

// WaitFor ends the attempt, as Sleep does, unless an event on the topic has come: then it gives its data, or false when
// the time was over first. Name the topic in WaitsFor of the config, so that no event comes too early.
func WaitFor[T any](c *Context, topic string, options ...WaitOptions) (data T, came bool, err error) {
	wait, key := &gen.WaitFor{Topic: topic}, []string(nil)
	for _, o := range options {
		if o.Match != nil {
			if wait.Match, err = c.payload(o.Match, "match"); err != nil {
				return data, false, err
			}
		}
		wait.TimeoutMs = milliseconds(o.Timeout)
		if o.Key != "" {
			key = []string{o.Key}
		}
	}
	answer, err := c.suspend("wait", key, &gen.Suspended{Until: &gen.Suspended_WaitFor{WaitFor: wait}})
	if err != nil || string(answer) == "null" {
		return data, false, err
	}
	data, err = decode[T](answer)
	return data, err == nil, err
}

func (c *Context) suspend(kind string, key []string, until *gen.Suspended) ([]byte, error) {
	if !c.attempt.isDurable() {
		return nil, ErrNotDurable
	}
	if until.Key = c.attempt.nextKey(kind); len(key) > 0 {
		until.Key = key[0]
	}
	if known, ok := c.attempt.recall(until.Key); ok {
		return known, nil
	}
	c.attempt.suspend(until)
	runtime.Goexit() // the handler must not go on; what it deferred is run
	return nil, nil
}

// payload writes a value as JSON that is small enough to be sent.
func (c *Context) payload(value any, what string) ([]byte, error) {
	text, err := encode(value)
	if err != nil {
		return nil, fmt.Errorf("%s is not JSON: %w", what, err)
	}
	return text, c.attempt.fits(text, what)
}

// write makes a call that changes something.
func (c *Context) write(call *gen.Call) ([]byte, error) {
	if c.inRun && c.attempt.step.atomic {
		return nil, ErrWriteInRun
	}
	return c.call(call)
}

func (c *Context) call(call *gen.Call) ([]byte, error) {
	if !c.attempt.begin() {
		return nil, ErrEnded
	}
	defer c.attempt.end()
	return c.attempt.session.call(c.attempt, call)
}

func milliseconds(duration time.Duration) uint64 {
	if duration <= 0 {
		return 0
	}
	return uint64(max(duration, time.Millisecond).Milliseconds())
}
