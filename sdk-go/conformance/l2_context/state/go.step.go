package state

import (
	"encoding/json"
	"errors"

	"motia"
)

var values = map[string]string{"object": `{"a":[1,null]}`, "array": `[1,"2"]`, "string": `"s"`, "number": "1.5", "zero": "0",
	"false": "false", "empty": `""`}

var _ = motia.API(motia.APIConfig{Name: "state go", Method: "POST", Path: "/go/state"},
	func(ctx *motia.Context, req motia.Request[any]) (motia.Response[any], error) {
		state, g := ctx.State, "go-round-trip"
		if err := state.Clear(g); err != nil {
			return motia.Response[any]{}, err
		}
		returned, same := true, true
		for key, value := range values {
			returned = returned && state.Set(g, key, json.RawMessage(value)) == nil
		}
		for key, value := range values {
			read, err := motia.Get[json.RawMessage](state, g, key)
			same = same && err == nil && string(read) == value
		}
		missing, err1 := motia.Get[any](state, g, "missing")
		group, err2 := motia.GetGroup[any](state, g)
		removed, err3 := motia.Delete[string](state, g, "string")
		again, err4 := motia.Delete[any](state, g, "string")
		gone, err5 := motia.Get[any](state, g, "string")
		cleared := state.Clear(g) == nil
		empty, err6 := motia.GetGroup[any](state, g)
		return motia.Response[any]{Status: 200, Body: map[string]any{"returned": returned, "read": same, "missing": missing == nil,
			"group": len(group), "removed": removed, "again": again == nil, "gone": gone == nil, "cleared": cleared,
			"empty": empty}}, errors.Join(err1, err2, err3, err4, err5, err6)
	})
