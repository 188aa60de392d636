package answers

import "motia"

var _ = motia.API(motia.APIConfig{Name: "ok go", Method: "GET", Path: "/go/ok"},
	func(ctx *motia.Context, req motia.Request[motia.None]) (motia.Response[string], error) {
		return motia.Response[string]{Status: 200, Body: "ok"}, nil
	})
