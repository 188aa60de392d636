package terminal_error

import (
	"errors"

	"motia"
)

var _ = motia.Event(motia.EventConfig{Name: "terminal go", Subscribes: []string{"terminal.go"}},
	func(ctx *motia.Context, input any) error { return motia.TerminalError(errors.New("never again")) })
