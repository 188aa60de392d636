package stream_hooks

import "motia"

type said struct {
	Type string `json:"type"`
	Data any    `json:"data"`
}

var _ = motia.Event(motia.EventConfig{Name: "hooked go", Subscribes: []string{"hooked.go"}},
	func(ctx *motia.Context, message said) error {
		return ctx.State.Set("journal-hooked-go", "said", message)
	})
