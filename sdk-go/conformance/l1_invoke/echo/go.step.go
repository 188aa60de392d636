package echo

import (
	"encoding/json"

	"motia"
)

var _ = motia.API(motia.APIConfig{Name: "echo go", Method: "POST", Path: "/go/echo"},
	func(ctx *motia.Context, req motia.Request[json.RawMessage]) (motia.Response[json.RawMessage], error) {
		return motia.Response[json.RawMessage]{Status: 200, Body: req.Body}, nil
	})
