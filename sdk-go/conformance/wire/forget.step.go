package wire

import "motia"

var _ = motia.Event(motia.EventConfig{Name: "WireForget", Subscribes: []string{"wire.forget"}, Emits: []string{"wire.done"}},
	func(ctx *motia.Context, input any) error {
		ctx.Go(func() error { return ctx.Emit("wire.done", map[string]any{}) })
		return nil
	})
