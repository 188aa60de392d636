package retryable_error

import (
	"fmt"
	"time"

	"motia"
)

var _ = motia.Event(motia.EventConfig{Name: "retryable go", Subscribes: []string{"retryable.go"},
	Queue: &motia.Queue{MaxRetries: motia.Ptr(2), RetryDelay: "10m"}},
	func(ctx *motia.Context, input any) error {
		entry := map[string]int{"n": ctx.Attempt, "max": ctx.MaxAttempts}
		if err := ctx.State.Set("journal-retryable-go", fmt.Sprint(ctx.Attempt), entry); err != nil {
			return err
		}
		after := 100 * time.Millisecond
		if ctx.Attempt == 1 {
			after = 250 * time.Millisecond
		}
		return motia.RetryableError(fmt.Errorf("busy %d", ctx.Attempt), after)
	})
