package not_json

import (
	"math"

	"motia"
)

var _ = motia.API(motia.APIConfig{Name: "not_json go", Method: "POST", Path: "/go/not_json"},
	func(ctx *motia.Context, req motia.Request[any]) (motia.Response[any], error) {
		circular := map[string]any{}
		circular["self"] = circular
		refused := []bool{ctx.Emit("not.json", circular) != nil, ctx.State.Set("g", "k", math.NaN()) != nil}
		return motia.Response[any]{Status: 200, Body: map[string]any{"refused": refused}}, nil
	})
