package failures

import (
	"errors"

	"motia"
)

var _ = motia.API(motia.APIConfig{Name: "failures go", Method: "GET", Path: "/go/failures/:kind"},
	func(ctx *motia.Context, req motia.Request[any]) (response motia.Response[any], err error) {
		switch req.PathParams.Get("kind") {
		case "raises":
			panic(errors.New("secret"))
		case "status":
			return motia.Response[any]{Status: 99, Body: map[string]any{}}, nil
		case "circular":
			body := map[string]any{}
			body["self"] = body
			return motia.Response[any]{Status: 200, Body: body}, nil
		case "nothing":
			return response, nil
		}
		return response, errors.New("secret")
	})
