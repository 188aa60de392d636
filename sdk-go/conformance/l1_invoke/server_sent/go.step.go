package server_sent

import "motia"

var _ = motia.API(motia.APIConfig{Name: "events go", Method: "GET", Path: "/go/events"},
	func(ctx *motia.Context, req motia.Request[any]) (motia.Response[motia.Streamed], error) {
		return motia.SSE(func(send func(any) error) error {
			tick := motia.ServerSent{Event: "tick", ID: "2", Data: map[string]any{"n": 2}}
			for _, event := range []any{"one", tick, map[string]any{"n": 3}, "two\nlines"} {
				if err := send(event); err != nil {
					return err
				}
			}
			return nil
		}), nil
	})
