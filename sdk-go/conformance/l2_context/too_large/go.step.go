package too_large

import (
	"strings"

	"motia"
)

var _ = motia.API(motia.APIConfig{Name: "too_large go", Method: "POST", Path: "/go/too_large"},
	func(ctx *motia.Context, req motia.Request[any]) (motia.Response[any], error) {
		large := strings.Repeat("x", 70_000)
		if req.QueryParams.Get("respond") != "" {
			return motia.Response[any]{Status: 200, Body: large}, nil
		}
		refused := []bool{ctx.Emit("too_large", large) != nil, ctx.State.Set("too_large", "go", large) != nil}
		if err := ctx.State.Set("too_large", "go", "small"); err != nil {
			return motia.Response[any]{}, err
		}
		stored, err := motia.Get[string](ctx.State, "too_large", "go")
		return motia.Response[any]{Status: 200, Body: map[string]any{"refused": refused, "stored": stored == "small"}}, err
	})
