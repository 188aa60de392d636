package several_steps

import "motia"

type answer struct {
	Step string `json:"step"`
}

func ok(step string) (motia.Response[answer], error) {
	return motia.Response[answer]{Status: 200, Body: answer{step}}, nil
}

var _ = motia.API(motia.APIConfig{Name: "several go", Method: "GET", Path: "/go/several"},
	func(ctx *motia.Context, req motia.Request[any]) (motia.Response[answer], error) { return ok("whole") })

var _ = motia.API(motia.APIConfig{Name: "several go first", Method: "POST", Path: "/go/several/first", Emits: []string{"several-go"}},
	func(ctx *motia.Context, req motia.Request[any]) (motia.Response[answer], error) {
		ctx.Logger.Info("first of go")
		if err := ctx.Emit("several-go", req.Body); err != nil {
			return motia.Response[answer]{}, err
		}
		return ok("first")
	})

var _ = motia.API(motia.APIConfig{Name: "several go second", Method: "DELETE", Path: "/go/several/second"},
	func(ctx *motia.Context, req motia.Request[any]) (motia.Response[answer], error) { return ok("second") })

var _ = motia.Event(motia.EventConfig{Name: "several go third", Subscribes: []string{"several-go"}},
	func(ctx *motia.Context, data any) error { return ctx.State.Set("journal-several-go", "only", data) })
