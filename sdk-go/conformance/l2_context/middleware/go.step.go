package middleware

import (
	"errors"
	"net/http"
	"strings"

	"motia"
)

func outer(ctx *motia.Context, req *motia.HTTPRequest, next func() (*motia.HTTPResponse, error)) (*motia.HTTPResponse, error) {
	req.Locals["order"] = []string{"outer"}
	response, err := next()
	if err == nil {
		order := req.Locals["order"].([]string)
		response.Headers = http.Header{"X-Trace": {ctx.TraceID}, "X-Order": {strings.Join(order, ",")}}
	}
	return response, err
}

func inner(ctx *motia.Context, req *motia.HTTPRequest, next func() (*motia.HTTPResponse, error)) (*motia.HTTPResponse, error) {
	if req.QueryParams.Get("stop") != "" {
		return &motia.HTTPResponse{Status: 403, Body: map[string]bool{"stopped": true}}, nil
	}
	req.Locals["order"] = append(req.Locals["order"].([]string), "inner")
	return next()
}

var _ = motia.API(motia.APIConfig{Name: "middleware go", Method: "GET", Path: "/go/middleware", Middleware: []motia.Middleware{outer, inner}},
	func(ctx *motia.Context, req motia.Request[any]) (motia.Response[any], error) {
		if req.QueryParams.Get("fail") != "" {
			return motia.Response[any]{}, errors.New("no")
		}
		return motia.Response[any]{Status: 200, Body: map[string]any{"order": req.Locals["order"], "trace": ctx.TraceID}}, nil
	})
