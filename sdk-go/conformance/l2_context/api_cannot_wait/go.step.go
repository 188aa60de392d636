package api_cannot_wait

import (
	"time"

	"motia"
)

var _ = motia.API(motia.APIConfig{Name: "api_cannot_wait go", Method: "POST", Path: "/go/api_cannot_wait"},
	func(ctx *motia.Context, req motia.Request[any]) (motia.Response[any], error) {
		_, _, err := motia.WaitFor[any](ctx, "nothing")
		refused := []bool{ctx.Sleep(time.Second) != nil, err != nil}
		return motia.Response[any]{Status: 200, Body: map[string]any{"refused": refused}}, nil
	})
