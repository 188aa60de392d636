package token_is_hidden

import (
	"os"

	"motia"
)

var _ = motia.API(motia.APIConfig{Name: "token go", Method: "GET", Path: "/go/token_is_hidden"},
	func(ctx *motia.Context, req motia.Request[motia.None]) (motia.Response[any], error) {
		return motia.Response[any]{Status: 200, Body: map[string]any{"token": os.Getenv("MOTIA_SIDECAR_TOKEN"),
			"languages": os.Getenv("CONFORMANCE_LANGUAGES") != ""}}, nil
	})
