package orders

import (
	"goorders/steps/board"

	"motia"
)

var _ = motia.API(motia.APIConfig{Name: "CreateOrder", Method: "POST", Path: "/orders", Emits: []string{"order.created"}, Flows: []string{"orders"}},
	func(ctx *motia.Context, req motia.Request[Order]) (motia.Response[Order], error) {
		order := req.Body
		order.ID, order.Cents = ctx.TraceID, 0 // whatever the client says that it costs
		if err := ctx.State.Set("orders", order.ID, order); err != nil {
			return motia.Response[Order]{}, err
		}
		if _, err := board.Orders.Set(ctx, "all", order.ID, board.Card{Customer: order.Customer, Status: "received"}); err != nil {
			return motia.Response[Order]{}, err
		}
		err := ctx.Emit("order.created", order) // last: whoever prices it writes over what is written here
		return motia.Response[Order]{Status: 201, Body: order}, err
	})

var _ = motia.API(motia.APIConfig{Name: "ShowOrder", Method: "GET", Path: "/orders/:id", Flows: []string{"orders"}},
	func(ctx *motia.Context, req motia.Request[motia.None]) (motia.Response[*Order], error) {
		order, err := motia.Get[*Order](ctx.State, "orders", req.PathParams.Get("id"))
		if err == nil && order == nil {
			err = &motia.HTTPResponse{Status: 404, Body: map[string]string{"error": "there is no such order"}}
		}
		return motia.Response[*Order]{Status: 200, Body: order}, err
	})
