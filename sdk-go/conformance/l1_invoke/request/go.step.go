package request

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"motia"
)

var _ = motia.API(motia.APIConfig{Name: "request go", Method: "GET", Path: "/go/request/:id/:rest?"},
	func(ctx *motia.Context, req motia.Request[any]) (motia.Response[any], error) {
		text, err := json.Marshal(req)
		if err != nil {
			return motia.Response[any]{}, err
		}
		var whole map[string]any
		if err := json.Unmarshal(text, &whole); err != nil {
			return motia.Response[any]{}, err
		}
		headers := map[string]string{}
		for name, value := range req.Headers {
			if strings.HasPrefix(name, "x-") {
				headers[name] = value
			}
		}
		return motia.Response[any]{Status: 200, Body: map[string]any{"keys": slices.Sorted(maps.Keys(whole)), "headers": headers,
			"path": req.PathParams, "query": req.QueryParams}}, nil
	})
