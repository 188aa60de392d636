package state_groups

import (
	"errors"

	"motia"
)

var _ = motia.API(motia.APIConfig{Name: "groups go", Method: "POST", Path: "/go/groups"},
	func(ctx *motia.Context, req motia.Request[any]) (motia.Response[any], error) {
		names := []string{"go-a", "go-a:b", "go-a1"}
		for _, group := range names {
			if err := errors.Join(ctx.State.Clear(group), ctx.State.Set(group, "k", group)); err != nil {
				return motia.Response[any]{}, err
			}
		}
		groups := [][]string{}
		for _, group := range names {
			values, err := motia.GetGroup[string](ctx.State, group)
			if err != nil {
				return motia.Response[any]{}, err
			}
			groups = append(groups, values)
		}
		err := ctx.State.Clear("go-a")
		left, err2 := motia.GetGroup[string](ctx.State, "go-a:b")
		return motia.Response[any]{Status: 200, Body: map[string]any{"groups": groups, "left": left}}, errors.Join(err, err2)
	})
