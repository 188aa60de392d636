package client_gone

import (
	"time"

	"motia"
)

var _ = motia.API(motia.APIConfig{Name: "gone go", Method: "GET", Path: "/go/gone"},
	func(ctx *motia.Context, req motia.Request[any]) (motia.Response[any], error) {
		select {
		case <-ctx.Done():
		case <-time.After(8 * time.Second):
		}
		err := ctx.State.Set("journal-gone-go", "1", map[string]any{"n": 1, "cancelled": ctx.Err() != nil})
		return motia.Response[any]{Status: 200, Body: map[string]any{}}, err
	})
