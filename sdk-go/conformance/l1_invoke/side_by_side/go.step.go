package side_by_side

import (
	"time"

	"motia"
)

var _ = motia.API(motia.APIConfig{Name: "side_by_side go", Method: "GET", Path: "/go/side_by_side"},
	func(ctx *motia.Context, req motia.Request[motia.None]) (motia.Response[map[string]bool], error) {
		time.Sleep(500 * time.Millisecond)
		return motia.Response[map[string]bool]{Status: 200, Body: map[string]bool{"waited": true}}, nil
	})
