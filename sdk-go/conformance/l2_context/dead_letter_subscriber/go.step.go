package dead_letter_subscriber

import (
	"errors"

	"motia"
)

var _ = motia.Event(motia.EventConfig{Name: "dead go", Subscribes: []string{"dead.go"},
	Queue: &motia.Queue{MaxRetries: motia.Ptr(1), RetryDelay: "50ms"}},
	func(ctx *motia.Context, input any) error { return errors.New("broken") })
