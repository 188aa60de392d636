package responses

import (
	"net/http"

	"motia"
)

var _ = motia.API(motia.APIConfig{Name: "responses go", Method: "GET", Path: "/go/responses/:kind"},
	func(ctx *motia.Context, req motia.Request[any]) (motia.Response[any], error) {
		switch req.PathParams.Get("kind") {
		case "text":
			return motia.Response[any]{Status: 200, Body: "<p>hi</p>"}, nil
		case "css":
			return motia.Response[any]{Status: 200, Headers: http.Header{"Content-Type": {"text/css"}}, Body: "p {}"}, nil
		case "bytes":
			return motia.Response[any]{Status: 200, Body: []byte{0, 255, 10}}, nil
		case "array":
			return motia.Response[any]{Status: 201, Body: []any{1, nil}}, nil
		case "null":
			return motia.Response[any]{Status: 200}, nil
		case "cookies":
			headers := http.Header{"Set-Cookie": {"a=1", "b=2"}, "Location": {"/x"}}
			return motia.Response[any]{Status: 302, Headers: headers, Body: ""}, nil
		}
		return motia.Response[any]{Status: 204, Body: motia.None{}}, nil
	})
