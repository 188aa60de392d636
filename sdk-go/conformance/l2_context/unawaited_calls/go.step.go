package unawaited_calls

import "motia"

var _ = motia.API(motia.APIConfig{Name: "unawaited go", Method: "POST", Path: "/go/unawaited"},
	func(ctx *motia.Context, req motia.Request[any]) (motia.Response[any], error) {
		ctx.Go(func() error { return ctx.Emit("unawaited.sink", "go") })
		ctx.Go(func() error { return ctx.State.Set("journal-unawaited-go", "state", map[string]int{"n": 1}) })
		return motia.Response[any]{Status: 200, Body: map[string]bool{"ok": true}}, nil
	})
