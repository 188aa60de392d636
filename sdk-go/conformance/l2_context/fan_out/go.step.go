package fan_out

import "motia"

type input struct {
	To   string `json:"to"`
	List []any  `json:"list"`
}

var _ = motia.Event(motia.EventConfig{Name: "fan go", Subscribes: []string{"fan.go"}},
	func(ctx *motia.Context, in input) error {
		return ctx.State.Set("journal-fan-"+in.To, "a "+ctx.TraceID, map[string]any{"n": 1, "who": "a", "data": in.List})
	})
