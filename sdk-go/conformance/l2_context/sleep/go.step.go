package sleep

import (
	"time"

	"motia"
)

type input struct {
	A int `json:"a"`
}

var _ = motia.Event(motia.EventConfig{Name: "sleep go", Subscribes: []string{"sleep.go"}},
	func(ctx *motia.Context, in input) error {
		count := func(ctx *motia.Context, what string) (int, error) {
			return motia.Update[int](ctx.State, "sleep-go", what, motia.Op{Type: "increment"})
		}
		starts, err := count(ctx, "starts")
		if err != nil {
			return err
		}
		runs, err := motia.Run(ctx, "once", func(ctx *motia.Context) (int, error) { return count(ctx, "runs") })
		if err != nil {
			return err
		}
		if err := ctx.Sleep(500 * time.Millisecond); err != nil {
			return err
		}
		if err := ctx.Sleep(500*time.Millisecond, "named"); err != nil {
			return err
		}
		entry := map[string]int{"n": ctx.Attempt, "starts": starts, "runs": runs, "a": in.A}
		return ctx.State.Set("journal-sleep-go", "1", entry)
	})
