package schemas

import "motia"

type named struct {
	Name string `json:"name"`
}

type path struct {
	ID int `json:"id,omitempty"`
}

type query struct {
	Page int      `json:"page,omitempty" jsonschema:"minimum=1"`
	Tag  []string `json:"tag,omitempty"`
	Size int      `json:"size,omitempty" jsonschema:"default=10"`
}

type headers struct {
	Tier string `json:"X-Tier,omitempty" jsonschema:"enum=free,enum=paid"`
}

type answered struct {
	Body any `json:"body"`
}

var _ = motia.API(motia.APIConfig{Name: "schemas go", Method: "POST", Path: "/go/schemas/:id", PathSchema: path{}, QuerySchema: query{},
	HeadersSchema: headers{}, Responses: map[int]any{200: answered{}}},
	func(ctx *motia.Context, req motia.Request[named]) (motia.Response[any], error) {
		if req.Body.Name == "wrong" {
			return motia.Response[any]{Status: 200, Body: map[string]any{}}, nil
		}
		body := map[string]any{"body": req.Body, "path": req.PathParams, "query": req.QueryParams}
		return motia.Response[any]{Status: 200, Body: body}, nil
	})
