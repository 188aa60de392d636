package nameless

import "motia"

var _ = motia.API(motia.APIConfig{Method: "GET", Path: "/go/nameless"},
	func(ctx *motia.Context, req motia.Request[motia.None]) (motia.Response[string], error) {
		return motia.Response[string]{Status: 200, Body: "nobody"}, nil
	})
