package orders

import (
	"fmt"

	"goorders/steps/board"

	"motia"
)

var _ = motia.Event(motia.EventConfig{Name: "PriceOrder", Subscribes: []string{"order.created"}, Flows: []string{"orders"},
	Queue: &motia.Queue{MaxRetries: motia.Ptr(2), RetryDelay: "500ms"}},
	func(ctx *motia.Context, order Order) error {
		for _, line := range order.Lines {
			price, known := prices[line.Product]
			if !known { // it will not be known in a moment either
				return motia.TerminalError(fmt.Errorf("nobody sells %q", line.Product))
			}
			order.Cents += price * line.Quantity
		}
		ctx.Logger.Info("priced", "id", order.ID, "cents", order.Cents)
		if err := ctx.State.Set("orders", order.ID, order); err != nil {
			return err
		}
		_, err := board.Orders.Set(ctx, "all", order.ID, board.Card{Customer: order.Customer, Status: fmt.Sprintf("costs %d cents", order.Cents)})
		return err
	})
