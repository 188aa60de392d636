package wire

import "motia"

var _ = motia.Event(motia.EventConfig{Name: "WireCalls", Subscribes: []string{"wire.calls"}, Emits: []string{"wire.done"}},
	func(ctx *motia.Context, input any) error {
		ctx.Logger.Info("wire")
		if err := ctx.State.Set("wire", "value", input); err != nil {
			return err
		}
		value, err := motia.Get[any](ctx.State, "wire", "value")
		if err != nil {
			return err
		}
		return ctx.Emit("wire.done", value)
	})
