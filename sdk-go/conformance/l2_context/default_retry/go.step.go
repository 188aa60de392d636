package default_retry

import (
	"errors"
	"fmt"

	"motia"
)

var _ = motia.Event(motia.EventConfig{Name: "default retries go", Subscribes: []string{"defaults.go"}},
	func(ctx *motia.Context, input any) error {
		if err := ctx.State.Set("journal-defaults-go", fmt.Sprint(ctx.Attempt), map[string]int{"n": ctx.Attempt}); err != nil {
			return err
		}
		if ctx.Attempt < 2 {
			return errors.New("first")
		}
		return nil
	})
