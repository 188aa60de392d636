package wildcard

import "motia"

var _ = motia.API(motia.APIConfig{Name: "wildcard go", Method: "GET", Path: "/go/wildcard/*"},
	func(ctx *motia.Context, req motia.Request[any]) (motia.Response[any], error) {
		return motia.Response[any]{Status: 200, Body: map[string]any{"path": req.PathParams}}, nil
	})
