package drains

import (
	"time"

	"motia"
)

var _ = motia.API(motia.APIConfig{Name: "slow go", Method: "GET", Path: "/go/slow"},
	func(ctx *motia.Context, req motia.Request[motia.None]) (motia.Response[string], error) {
		err := ctx.State.Set("journal-slow-go", "start", map[string]any{"what": "start", "at": 0})
		time.Sleep(time.Second)
		return motia.Response[string]{Status: 200, Body: "slow"}, err
	})
