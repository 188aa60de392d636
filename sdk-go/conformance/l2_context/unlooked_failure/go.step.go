package unlooked_failure

import "motia"

var _ = motia.API(motia.APIConfig{Name: "unlooked go", Method: "POST", Path: "/go/unlooked_failure"},
	func(ctx *motia.Context, req motia.Request[any]) (motia.Response[any], error) {
		if err := ctx.State.Set("unlooked", "go", "text"); err != nil {
			return motia.Response[any]{}, err
		}
		increment := func() error {
			_, err := motia.Update[int](ctx.State, "unlooked", "go", motia.Op{Type: "increment"})
			return err
		}
		if req.QueryParams.Get("look") == "" {
			ctx.Go(increment)
			return motia.Response[any]{Status: 200, Body: map[string]bool{"ok": true}}, nil
		}
		return motia.Response[any]{Status: 200, Body: map[string]bool{"failed": increment() != nil}}, nil
	})
