package fifo

import (
	"errors"
	"time"

	"motia"
)

type input struct {
	Group string `json:"group"`
	N     int    `json:"n"`
}

var _ = motia.Event(motia.EventConfig{Name: "fifo go", Subscribes: []string{"fifo.go"},
	Infrastructure: &motia.Infrastructure{Queue: &motia.Queue{Type: "fifo"}}},
	func(ctx *motia.Context, in input) error {
		order, err := motia.Get[[]int](ctx.State, "fifo", "go-"+in.Group)
		if err != nil {
			return err
		}
		if in.N%2 == 1 {
			time.Sleep(20 * time.Millisecond)
		}
		order = append(order, in.N)
		return errors.Join(
			ctx.State.Set("fifo", "go-"+in.Group, order),
			ctx.State.Set("journal-fifo-go", in.Group, map[string]any{"n": int(in.Group[0]), "order": order}),
		)
	})
