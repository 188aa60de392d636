package emit_options

import (
	"errors"
	"time"

	"motia"
)

type note struct {
	Lang    string  `json:"lang"`
	N       int     `json:"n"`
	What    string  `json:"what"`
	Emitted float64 `json:"emitted"`
}

var _ = motia.API(motia.APIConfig{Name: "emit_options go", Method: "POST", Path: "/go/emit_options"},
	func(ctx *motia.Context, req motia.Request[any]) (motia.Response[motia.None], error) {
		once := func(n int, what string, options motia.EmitOptions) error {
			now := float64(time.Now().UnixMilli()) / 1000
			return ctx.Emit("emit_options.once", note{"go", n, what, now}, options)
		}
		order := func(what string, priority int) error {
			return ctx.Emit("emit_options.order", note{Lang: "go", What: what}, motia.EmitOptions{Priority: priority})
		}
		err := errors.Join(
			once(1, "once", motia.EmitOptions{IdempotencyKey: "go", IdempotencyWindow: time.Hour}),
			once(2, "twice", motia.EmitOptions{IdempotencyKey: "go"}),
			once(3, "delay", motia.EmitOptions{Delay: time.Second}),
			once(4, "at", motia.EmitOptions{At: time.Now().Add(time.Second)}),
			order("first", 0), order("idle", -10), order("usual", 0), order("urgent", 10),
		)
		return motia.Response[motia.None]{Status: 200}, err
	})
