package state_list

import (
	"errors"

	"motia"
)

var _ = motia.API(motia.APIConfig{Name: "state_list go", Method: "POST", Path: "/go/state_list"},
	func(ctx *motia.Context, req motia.Request[any]) (motia.Response[any], error) {
		state, g := ctx.State, "go-list"
		err := errors.Join(state.Clear(g), state.Set(g+"-other", "a:0", 0), state.Set(g[:len(g)-1], "a:0", 0), state.Set(g, "b:1", 4),
			state.Set(g, "a:3", false), state.Set(g, "a:1", 1), state.Set(g, "a:2", []int{2}), state.Set(g, "é", 5), state.Set(g, "%", 6))
		if err != nil {
			return motia.Response[any]{}, err
		}
		first, err1 := motia.List[any](state, g, motia.ListOptions{Prefix: "a:", Limit: 2})
		second, err2 := motia.List[any](state, g, motia.ListOptions{Prefix: "a:", Limit: 2, Cursor: first.Cursor})
		keys := []string{}
		for item, err3 := range motia.ListAll[any](state, g, "") {
			if err = errors.Join(err, err3); err == nil {
				keys = append(keys, item.Key)
			}
		}
		none, err4 := motia.List[any](state, g, motia.ListOptions{Prefix: "c"})
		return motia.Response[any]{Status: 200, Body: map[string]any{"first": first.Items, "second": second.Items,
			"ended": second.Cursor == "", "keys": keys, "none": []any{none.Items, none.Cursor}}}, errors.Join(err, err1, err2, err4)
	})
