package wire

import "motia"

var _ = motia.Event(motia.EventConfig{Name: "WireHold", Subscribes: []string{"wire.hold"}},
	func(ctx *motia.Context, input any) error {
		_, err := motia.Get[any](ctx.State, "wire", "gate")
		return err
	})
