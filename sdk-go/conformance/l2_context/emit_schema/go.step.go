package emit_schema

import (
	"errors"
	"strings"

	"motia"
)

var _ = motia.API(motia.APIConfig{Name: "emit-schema go", Method: "GET", Path: "/go/emit-schema", Emits: []string{"emit-schema-go"}},
	func(ctx *motia.Context, req motia.Request[any]) (motia.Response[any], error) {
		if err := ctx.Emit("emit-schema-go", map[string]any{"n": 1, "lang": "go"}); err != nil {
			return motia.Response[any]{}, err
		}
		err := ctx.Emit("emit-schema-go", map[string]any{"n": "two", "lang": "go"})
		var refused *motia.CallError
		is := errors.As(err, &refused) && strings.Contains(refused.Message, "violates the input schema")
		return motia.Response[any]{Status: 200, Body: map[string]bool{"refused": is}}, nil
	})
