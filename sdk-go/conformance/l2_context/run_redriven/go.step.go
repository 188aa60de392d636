package run_redriven

import (
	"errors"
	"fmt"

	"motia"
)

var _ = motia.Event(motia.EventConfig{Name: "redriven go", Subscribes: []string{"redriven.go"}},
	func(ctx *motia.Context, data any) error {
		result, err := motia.Run(ctx, "count", func(ctx *motia.Context) (int, error) {
			return motia.Update[int](ctx.State, "redriven", "go", motia.Op{Type: "increment"})
		})
		if err != nil {
			return err
		}
		times, err := motia.Update[int](ctx.State, "redriven", "go deliveries", motia.Op{Type: "increment"})
		if err != nil {
			return err
		}
		entry := map[string]int{"n": times, "result": result}
		if err := ctx.State.Set("journal-redriven-go", fmt.Sprint(times), entry); err != nil {
			return err
		}
		if times == 1 {
			return motia.TerminalError(errors.New("not yet"))
		}
		return nil
	})
