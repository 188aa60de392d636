// Package orders takes orders, prices them and tells who watches.
package orders

// Line is one product of an order.
type Line struct {
	Product  string `json:"product" jsonschema:"minLength=1"`
	Quantity int    `json:"quantity" jsonschema:"minimum=1,maximum=100"`
}

// Order is what a customer wants, and what it costs once that is known.
type Order struct {
	ID       string `json:"id,omitempty"`
	Customer string `json:"customer" jsonschema:"minLength=1"`
	Lines    []Line `json:"lines" jsonschema:"minItems=1"`
	Cents    int    `json:"cents,omitempty"`
}

var prices = map[string]int{"coffee": 390, "cake": 450, "tea": 320}
