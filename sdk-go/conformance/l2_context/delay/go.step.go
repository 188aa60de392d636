package delay

import "motia"

var _ = motia.Event(motia.EventConfig{Name: "delay go", Subscribes: []string{"delay.go"},
	Infrastructure: &motia.Infrastructure{Queue: &motia.Queue{DelaySeconds: 1}}},
	func(ctx *motia.Context, input any) error {
		return ctx.State.Set("journal-delay-go", "1", map[string]int{"n": 1})
	})
