package facts

import "motia"

var _ = motia.API(motia.APIConfig{Name: "facts go", Method: "GET", Path: "/go/facts", Flows: []string{"f1", "f2"}},
	func(ctx *motia.Context, req motia.Request[any]) (motia.Response[any], error) {
		return motia.Response[any]{Status: 200, Body: map[string]any{"trace": len(ctx.TraceID) == 13, "parent": ctx.Traceparent[:36],
			"flows": ctx.Flows, "attempt": ctx.Attempt, "max": ctx.MaxAttempts, "cancelled": ctx.Err() != nil}}, nil
	})
