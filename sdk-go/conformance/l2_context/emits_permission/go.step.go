package emits_permission

import (
	"errors"

	"motia"
)

var _ = motia.API(motia.APIConfig{Name: "permission go", Method: "POST", Path: "/go/permission", Emits: []string{"permission.allowed"}},
	func(ctx *motia.Context, req motia.Request[any]) (motia.Response[any], error) {
		err := errors.Join(
			ctx.Emit("permission.undeclared", map[string]string{"key": "go-undeclared"}),
			ctx.Emit("", map[string]string{"key": "go-no-topic"}),
			ctx.Emit("permission.allowed", map[string]string{"key": "go-declared"}),
		)
		return motia.Response[any]{Status: 200, Body: map[string]bool{"ok": true}}, err
	})
