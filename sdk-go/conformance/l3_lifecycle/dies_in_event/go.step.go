package dies_in_event

import (
	"errors"
	"fmt"
	"os"
	"syscall"
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

var _ = motia.Event(motia.EventConfig{Name: "die go", Subscribes: []string{"die.go"}},
	func(ctx *motia.Context, data any) error {
		first, err := isFirst(ctx, "die")
		if err := errors.Join(err, note(ctx, "die", "start")); err != nil {
			return err
		}
		if first { // what the kernel does to who takes too much memory
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}
		return note(ctx, "die", "done")
	})
