package state_ttl

import (
	"errors"
	"time"

	"motia"
)

var _ = motia.API(motia.APIConfig{Name: "state_ttl go", Method: "POST", Path: "/go/state_ttl"},
	func(ctx *motia.Context, req motia.Request[any]) (motia.Response[any], error) {
		state, g := ctx.State, "go-ttl"
		_, _, err := state.CompareAndSet(g, "b", 0, 2, time.Second)
		err = errors.Join(err, state.Set(g, "stays", 1, time.Second), state.Set(g, "stays", 3), state.Set(g, "a", 1, time.Second))
		look := func() (found []any) {
			for _, key := range []string{"a", "b", "stays"} {
				value, problem := motia.Get[any](state, g, key)
				err, found = errors.Join(err, problem), append(found, value)
			}
			return found
		}
		before := look()
		time.Sleep(1100 * time.Millisecond)
		after := look()
		group, err1 := motia.GetGroup[any](state, g)
		page, err2 := motia.List[any](state, g, motia.ListOptions{})
		keys := []string{}
		for _, item := range page.Items {
			keys = append(keys, item.Key)
		}
		versioned, err3 := motia.GetVersioned[any](state, g, "b")
		made, _, err4 := state.CompareAndSet(g, "b", 0, 1)
		return motia.Response[any]{Status: 200, Body: map[string]any{"before": before,
			"after": []any{after[0] == nil, after[1] == nil, after[2]}, "group": group, "keys": keys, "version": versioned.Version,
			"new": made}}, errors.Join(err, err1, err2, err3, err4)
	})
