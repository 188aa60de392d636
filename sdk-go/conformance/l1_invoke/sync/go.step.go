package sync

import (
	"time"

	"motia"
)

var _ = motia.API(motia.APIConfig{Name: "sync go", Method: "GET", Path: "/go/sync"},
	func(ctx *motia.Context, req motia.Request[motia.None]) (motia.Response[map[string]bool], error) {
		time.Sleep(10 * time.Millisecond)
		return motia.Response[map[string]bool]{Status: 200, Body: map[string]bool{"sync": true}}, nil
	})
