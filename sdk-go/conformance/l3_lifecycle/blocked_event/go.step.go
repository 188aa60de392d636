package blocked_event

import (
	"errors"
	"fmt"
	"os"
	"time"

	"motia"
)

func note(ctx *motia.Context, name, what string) error {
	key := fmt.Sprintf("%s %d", what, time.Now().UnixNano())
	entry := map[string]any{"what": what, "attempt": ctx.Attempt, "pid": os.Getpid(), "at": float64(time.Now().UnixMilli()) / 1000}
	return ctx.State.Set("journal-"+name+"-go", key, entry)
}

func isFirst(ctx *motia.Context, name string) (bool, error) {
	entries, err := motia.GetGroup[any](ctx.State, "journal-"+name+"-go")
	return len(entries) == 0, err
}

var _ = motia.Event(motia.EventConfig{Name: "block go", Subscribes: []string{"block.go"}, Infrastructure: &motia.Infrastructure{
	Handler: &motia.Limits{Timeout: 1}, Queue: &motia.Queue{RetryDelay: "0ms", VisibilityTimeout: 4}}},
	func(ctx *motia.Context, data any) error {
		first, err := isFirst(ctx, "block")
		if err := errors.Join(err, note(ctx, "block", "start")); err != nil {
			return err
		}
		if first {
			time.Sleep(time.Minute)
		}
		return note(ctx, "block", "done")
	})
