package wire

import (
	"errors"

	"motia"
)

var _ = motia.Event(motia.EventConfig{Name: "WireFail", Subscribes: []string{"wire.fail"}},
	func(ctx *motia.Context, input any) error { return errors.New("wire: no") })
