package motia

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"runtime/debug"
	"strings"
	"time"

	"motia/gen"
)

const longestText = 16 << 10 // of a stack, and of a message

// TerminalError makes an event a dead letter at once: return motia.TerminalError(err). No error stays none.
func TerminalError(err error) error {
	if err == nil {
		return nil
	}
	return &Failed{Err: err, retry: gen.Retry_RETRY_NEVER}
}

// RetryableError has the event handled again after a pause; 0: after that of the step. No error stays none.
func RetryableError(err error, after time.Duration) error {
	if err == nil {
		return nil
	}
	return &Failed{Err: err, retry: gen.Retry_RETRY_AFTER, after: after}
}

// Errors of calls on a Context.
var (
	ErrEnded      = errors.New("the attempt has ended: call the context before the handler returns, or from Context.Go")
	ErrWriteInRun = errors.New("an atomic step neither emits nor writes within Run: a later attempt would remember the result and lose the write")
	ErrClientGone = errors.New("the client has left")
	ErrNotDurable = errors.New("an api step cannot wait, somebody waits for its answer: emit an event, and wait in the step that subscribes to it")
)

// Failed is an error that says how the core is to take it.
type Failed struct {
	Kind    gen.FailureKind
	Err     error
	retry   gen.Retry
	after   time.Duration
	details []byte
	stack   []byte
}

func (f *Failed) Error() string { return f.Err.Error() }
func (f *Failed) Unwrap() error { return f.Err }

// CallError is what the core answers to a call that it refuses.
type CallError struct {
	Kind    gen.FailureKind
	Message string
}

func (e *CallError) Error() string { return e.Message }

// inputError says where input is not of the handler's type; the core answers 400 with it.
func inputError(in string, err error) error {
	at, keyword := "", "json"
	var wrong *json.UnmarshalTypeError
	if errors.As(err, &wrong) {
		keyword = "type"
		if wrong.Field != "" {
			at = "/" + strings.ReplaceAll(wrong.Field, ".", "/")
		}
	}
	one := map[string]string{"in": in, "path": at, "message": err.Error(), "keyword": keyword}
	details, _ := encode(map[string]any{"of": "input", "errors": []any{one}})
	return &Failed{Kind: gen.FailureKind_FAILURE_KIND_SCHEMA, retry: gen.Retry_RETRY_NEVER, details: details,
		Err: fmt.Errorf("the %s is not what the handler takes: %w", in, err)}
}

func badResult(format string, values ...any) error {
	return &Failed{Kind: gen.FailureKind_FAILURE_KIND_BAD_RESULT, Err: fmt.Errorf(format, values...)}
}

// panicked makes an error of what was recovered, with the stack up to the SDK's own frames.
func panicked(problem any) error {
	err, ok := problem.(error)
	if !ok {
		err = fmt.Errorf("%v", problem)
	}
	return &Failed{Err: fmt.Errorf("panic: %w", err), stack: ownStack(debug.Stack())}
}

// ownStack leaves out the frames of the SDK: those above the panic, and those that called the handler.
func ownStack(stack []byte) []byte {
	lines := strings.Split(string(stack), "\n")
	kept := lines[:1]
	inPanic := false
	for i := 1; i+1 < len(lines); i += 2 {
		if strings.HasPrefix(lines[i], "panic(") {
			kept, inPanic = lines[:1:1], true
			continue
		}
		if inPanic && strings.HasPrefix(lines[i], "motia.") {
			break
		}
		kept = append(kept, lines[i], lines[i+1])
	}
	return []byte(cut(strings.Join(kept, "\n")))
}

// cut takes what is too much out of the middle, and what is no UTF-8.
func cut(text string) string {
	if len(text) > longestText {
		text = text[:longestText/2-8] + "\n…\n" + text[len(text)-longestText/2+8:]
	}
	return strings.ToValidUTF8(text, "�")
}

// failure writes an error for the core; causes are at most 8 deep.
func failure(err error, depth int) *gen.Failure {
	wire := &gen.Failure{Kind: gen.FailureKind_FAILURE_KIND_APPLICATION, Language: "go", Message: cut(err.Error())}
	var failed *Failed
	if errors.As(err, &failed) {
		wire.Retry, wire.RetryAfterMs, wire.Details = failed.retry, uint64(failed.after.Milliseconds()), failed.details
		wire.Stack = string(failed.stack)
		if failed.Kind != 0 {
			wire.Kind = failed.Kind
		}
	}
	inner := err
	for wrapper, ok := inner.(*Failed); ok; wrapper, ok = inner.(*Failed) {
		inner = wrapper.Err
	}
	wire.Type = strings.TrimPrefix(reflect.TypeOf(inner).String(), "*")
	if cause := errors.Unwrap(inner); cause != nil && depth < 8 {
		wire.Cause = failure(cause, depth+1)
	}
	return wire
}

// anyFailure does the same with an error whose own methods panic, as those of a nil pointer may.
func anyFailure(err error) (wire *gen.Failure) {
	defer func() {
		if problem := recover(); problem != nil {
			wire = failure(fmt.Errorf("the handler failed with a %T that panics when it is asked what it says: %v", err, problem), 1)
		}
	}()
	return failure(err, 1)
}
