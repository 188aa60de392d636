package run_remembers

import (
	"errors"
	"fmt"
	"time"

	"motia"
)

type paid struct {
	ID    string `json:"id"`
	Calls int    `json:"calls"`
}

func pay(ctx *motia.Context) (paid, error) {
	calls, err := motia.Update[int](ctx.State, "run", "go", motia.Op{Type: "increment"})
	return paid{"paid", calls}, err
}

var _ = motia.Event(motia.EventConfig{Name: "run go", Subscribes: []string{"run.go"}},
	func(ctx *motia.Context, input any) error {
		result, err := motia.Run(ctx, "pay", pay)
		if err != nil {
			return err
		}
		again, err := motia.Run(ctx, "pay", pay)
		if err != nil {
			return err
		}
		nothing, err := motia.Run(ctx, "nothing", func(*motia.Context) (any, error) { return nil, nil })
		if err != nil {
			return err
		}
		failed := ""
		if _, err := motia.Run(ctx, "flaky", func(ctx *motia.Context) (any, error) {
			if ctx.Attempt == 1 {
				return nil, errors.New("unreachable")
			}
			return nil, nil
		}); err != nil {
			failed = err.Error()
		}
		entry := map[string]any{"n": ctx.Attempt, "result": result, "nothing": nothing == nil && again == result, "failed": failed}
		if err := ctx.State.Set("journal-run-go", fmt.Sprint(ctx.Attempt), entry); err != nil {
			return err
		}
		if ctx.Attempt == 1 {
			return motia.RetryableError(errors.New("again"), 50*time.Millisecond)
		}
		return nil
	})
