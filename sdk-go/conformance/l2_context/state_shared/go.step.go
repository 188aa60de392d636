package state_shared

import "motia"

type input struct {
	Key   string `json:"key"`
	Value any    `json:"value,omitempty"`
}

var _ = motia.API(motia.APIConfig{Name: "shared go", Method: "POST", Path: "/go/shared"},
	func(ctx *motia.Context, req motia.Request[input]) (motia.Response[any], error) {
		if req.Body.Value != nil {
			if err := ctx.State.Set("shared", req.Body.Key, req.Body.Value); err != nil {
				return motia.Response[any]{}, err
			}
		}
		value, err := motia.Get[any](ctx.State, "shared", req.Body.Key)
		return motia.Response[any]{Status: 200, Body: value}, err
	})
