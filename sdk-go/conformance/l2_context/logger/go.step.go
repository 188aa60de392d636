package logger

import (
	"errors"

	"motia"
)

var _ = motia.API(motia.APIConfig{Name: "logger go", Method: "GET", Path: "/go/logger"},
	func(ctx *motia.Context, req motia.Request[any]) (motia.Response[any], error) {
		ctx.Logger.Info("info go", "n", 1, "nested", map[string]bool{"ü": true})
		ctx.Logger.Warn("warn go")
		ctx.Logger.Error("error go", "error", errors.New("boom go"))
		ctx.Logger.Debug("debug go")
		ctx.Logger.Info("plain go", "text", "text")
		return motia.Response[any]{Status: 200, Body: map[string]string{"trace": ctx.TraceID}}, nil
	})
