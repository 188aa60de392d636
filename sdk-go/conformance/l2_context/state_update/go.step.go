package state_update

import (
	"errors"
	"reflect"
	"sync"

	"motia"
)

var _ = motia.API(motia.APIConfig{Name: "state_update go", Method: "POST", Path: "/go/state_update"},
	func(ctx *motia.Context, req motia.Request[any]) (motia.Response[any], error) {
		state, g := ctx.State, "go-update"
		err0 := state.Clear(g)
		changed, err1 := motia.Update[any](state, g, "k",
			motia.Op{Type: "set", Path: "/shop/open", Value: true},
			motia.Op{Type: "merge", Path: "/shop", Value: map[string]string{"name": "x"}},
			motia.Op{Type: "increment", Path: "/shop/sold", By: 3},
			motia.Op{Type: "increment", Path: "/shop/sold", By: -1},
			motia.Op{Type: "append", Path: "/sales", Value: 1},
			motia.Op{Type: "set", Path: "/old", Value: 1},
			motia.Op{Type: "remove", Path: "/old"},
			motia.Op{Type: "increment", Path: "/a~1b", By: 0.5},
		)
		_, refused := motia.Update[any](state, g, "k", motia.Op{Type: "set", Path: "/x", Value: 1}, motia.Op{Type: "append", Path: "/shop"})
		kept, err2 := motia.Get[any](state, g, "k")
		var counting sync.WaitGroup
		for range 40 {
			counting.Add(1)
			ctx.Go(func() error {
				defer counting.Done()
				_, err := motia.Update[int](state, g, "n", motia.Op{Type: "increment"})
				return err
			})
		}
		counting.Wait()
		count, err3 := motia.Get[int](state, g, "n")
		removed, err4 := motia.Update[any](state, g, "n", motia.Op{Type: "remove"})
		gone, err5 := motia.Get[any](state, g, "n")
		return motia.Response[any]{Status: 200, Body: map[string]any{"changed": changed, "refused": refused != nil,
			"kept": reflect.DeepEqual(kept, changed), "count": count, "removed": removed == nil,
			"gone": gone == nil}}, errors.Join(err0, err1, err2, err3, err4, err5)
	})
