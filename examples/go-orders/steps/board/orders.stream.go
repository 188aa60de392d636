// Package board shows to everybody what becomes of orders.
package board

import "motia"

// Card is what a board says of an order.
type Card struct {
	ID       string `json:"id,omitempty"`
	Customer string `json:"customer"`
	Status   string `json:"status"`
}

// Orders is the stream that clients watch.
var Orders = motia.Stream[Card](motia.StreamConfig{Name: "orders"})
