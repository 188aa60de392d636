package retry

import (
	"errors"
	"fmt"
	"time"

	"motia"
)

var _ = motia.Event(motia.EventConfig{Name: "retry go", Subscribes: []string{"retry.go"}},
	func(ctx *motia.Context, input any) error {
		entry := map[string]int{"n": ctx.Attempt, "max": ctx.MaxAttempts}
		if err := ctx.State.Set("journal-retry-go", fmt.Sprint(ctx.Attempt), entry); err != nil {
			return err
		}
		if ctx.Attempt < 3 {
			return motia.RetryableError(errors.New("not yet"), 50*time.Millisecond)
		}
		return nil
	})
