package wire

import (
	"encoding/json"

	"motia"
)

var _ = motia.API(motia.APIConfig{Name: "WireEcho", Method: "POST", Path: "/wire/echo"},
	func(ctx *motia.Context, req motia.Request[json.RawMessage]) (motia.Response[json.RawMessage], error) {
		return motia.Response[json.RawMessage]{Status: 200, Body: req.Body}, nil
	})
