package reloads

import "motia"

var _ = motia.API(motia.APIConfig{Name: "version go", Method: "GET", Path: "/go/version"},
	func(ctx *motia.Context, req motia.Request[motia.None]) (motia.Response[string], error) {
		return motia.Response[string]{Status: 200, Body: "before"}, nil
	})
