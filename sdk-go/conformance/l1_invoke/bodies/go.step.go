package bodies

import (
	"unicode/utf8"

	"motia"
)

var _ = motia.API(motia.APIConfig{Name: "bodies go", Method: "POST", Path: "/go/bodies"},
	func(ctx *motia.Context, req motia.Request[any]) (motia.Response[any], error) {
		var raw any = string(req.RawBody)
		if !utf8.Valid(req.RawBody) {
			numbers := []int{}
			for _, octet := range req.RawBody {
				numbers = append(numbers, int(octet))
			}
			raw = numbers
		}
		return motia.Response[any]{Status: 200, Body: map[string]any{"body": req.Body, "raw": raw}}, nil
	})
