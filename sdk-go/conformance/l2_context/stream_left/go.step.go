package stream_left

import (
	"time"

	"motia"
)

var _ = motia.API(motia.APIConfig{Name: "left go", Method: "GET", Path: "/go/left"},
	func(ctx *motia.Context, req motia.Request[any]) (motia.Response[motia.Streamed], error) {
		return motia.SSE(func(send func(any) error) error {
			if err := ctx.State.Set("journal-left-go", "1", map[string]int{"n": 1}); err != nil {
				return err
			}
			if err := send("begun"); err != nil {
				return err
			}
			select {
			case <-ctx.Done():
			case <-time.After(time.Minute):
			}
			return ctx.State.Set("journal-left-go", "2", map[string]any{"n": 2, "cancelled": ctx.Err() != nil})
		}), nil
	})
