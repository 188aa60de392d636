package wire

import (
	"fmt"
	"time"

	"motia"
)

type slow struct {
	Ms int `json:"ms"`
}

var _ = motia.Event(motia.EventConfig{Name: "WireSlow", Subscribes: []string{"wire.slow"}},
	func(ctx *motia.Context, input slow) error {
		fmt.Println("wire: slow")
		select {
		case <-time.After(time.Duration(input.Ms) * time.Millisecond):
		case <-ctx.Done():
		}
		return nil
	})
