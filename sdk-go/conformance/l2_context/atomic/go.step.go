package atomic

import (
	"errors"
	"fmt"
	"time"

	"motia"
)

var _ = motia.Event(motia.EventConfig{Name: "atomic go", Subscribes: []string{"atomic.go"}, Atomic: true},
	func(ctx *motia.Context, input any) error {
		n := ctx.Attempt
		if err := ctx.Emit("atomic.sink", map[string]any{"lang": "go", "n": n * 10}); err != nil {
			return err
		}
		key := fmt.Sprintf("attempt %d", n)
		if err := ctx.State.Set("journal-atomic-go", key, map[string]int{"n": n}); err != nil {
			return err
		}
		count, err := motia.Update[int](ctx.State, "atomic", "go", motia.Op{Type: "increment"})
		if err != nil {
			return err
		}
		sees, err := motia.Get[map[string]int](ctx.State, "journal-atomic-go", key)
		if err != nil {
			return err
		}
		if n == 1 {
			return motia.RetryableError(errors.New("again"), 50*time.Millisecond)
		}
		return ctx.State.Set("journal-atomic-go", "count", map[string]int{"n": 5, "count": count, "sees": sees["n"]})
	})
