package state_compare_and_set

import (
	"errors"
	"sync"

	"motia"
)

func count(state motia.State, g string) error {
	for {
		found, err := motia.GetVersioned[int](state, g, "n")
		if err != nil {
			return err
		}
		if ok, _, err := state.CompareAndSet(g, "n", found.Version, found.Value+1); ok || err != nil {
			return err
		}
	}
}

var _ = motia.API(motia.APIConfig{Name: "cas go", Method: "POST", Path: "/go/state_compare_and_set"},
	func(ctx *motia.Context, req motia.Request[any]) (motia.Response[any], error) {
		state, g := ctx.State, "go-cas"
		err0 := state.Clear(g)
		missing, err1 := motia.GetVersioned[*int](state, g, "k")
		first, version, err2 := state.CompareAndSet(g, "k", 0, 1)
		again, now, err3 := state.CompareAndSet(g, "k", 0, 5)
		read, err4 := motia.GetVersioned[int](state, g, "k")
		second, _, err5 := state.CompareAndSet(g, "k", read.Version, 2)
		late, _, err6 := state.CompareAndSet(g, "k", version, 9)
		var counting sync.WaitGroup
		for range 20 {
			counting.Add(1)
			ctx.Go(func() error {
				defer counting.Done()
				return count(state, g)
			})
		}
		counting.Wait()
		value, err7 := motia.Get[int](state, g, "k")
		counted, err8 := motia.Get[int](state, g, "n")
		return motia.Response[any]{Status: 200, Body: map[string]any{"missing": []any{missing.Value == nil, missing.Version},
			"first": first, "again": []any{again, now == version}, "read": []any{read.Value, read.Version == version}, "second": second,
			"late": late, "value": value, "counted": counted}}, errors.Join(err0, err1, err2, err3, err4, err5, err6, err7, err8)
	})
