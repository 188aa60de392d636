package http

import (
	"net/http"

	"motia"
)

var _ = motia.API(motia.APIConfig{Name: "http go", Method: "GET", Path: "/go/http/:kind"},
	func(ctx *motia.Context, req motia.Request[any]) (motia.Response[any], error) {
		response := motia.Response[any]{Status: 200, Body: map[string]any{}}
		switch req.PathParams.Get("kind") {
		case "cors":
			response.Headers = http.Header{"Access-Control-Allow-Origin": {"https://a.example"}}
		case "moved":
			response.Status = 303
			response.Headers = http.Header{"Location": {"/elsewhere?a=b"}, "Set-Cookie": {"a=1; Path=/; HttpOnly", "b=2"}}
		case "version":
			response.Headers = http.Header{"ETag": {`"v1"`}, "Last-Modified": {"Sun, 01 Jan 2023 00:00:00 GMT"}}
			response.Body = map[string]any{"v": 1}
		}
		return response, nil
	})
