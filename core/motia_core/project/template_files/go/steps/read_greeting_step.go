package steps

import "motia"

var _ = motia.API(motia.APIConfig{
	Name: "ReadGreeting", Description: "Shows a greeting",
	Method: "GET", Path: "/greetings/:id", Flows: []string{"greetings"},
}, func(ctx *motia.Context, req motia.Request[motia.None]) (motia.Response[*Greeting], error) {
	found, err := motia.Get[*Greeting](ctx.State, "greetings", req.PathParams.Get("id"))
	if err == nil && found == nil {
		err = &motia.HTTPResponse{Status: 404, Body: map[string]string{"error": "there is no such greeting"}}
	}
	return motia.Response[*Greeting]{Status: 200, Body: found}, err
})
