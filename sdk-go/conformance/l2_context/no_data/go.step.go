package no_data

import "motia"

var _ = motia.Event(motia.EventConfig{Name: "no_data go", Subscribes: []string{"no_data.go", "no_data.go.zero"}},
	func(ctx *motia.Context, data *int) error {
		if data == nil {
			return ctx.State.Set("journal-no_data-go", "1", map[string]any{"n": 1, "absent": true})
		}
		return ctx.State.Set("journal-no_data-go", "2", map[string]any{"n": 2, "zero": *data == 0})
	})
