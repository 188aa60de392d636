package timeout

import (
	"time"

	"motia"
)

var _ = motia.Event(motia.EventConfig{Name: "timeout go", Subscribes: []string{"timeout.go"},
	Infrastructure: &motia.Infrastructure{Handler: &motia.Limits{Timeout: 1}, Queue: &motia.Queue{MaxRetries: motia.Ptr(0)}}},
	func(ctx *motia.Context, input any) error {
		select {
		case <-ctx.Done():
			ctx.Logger.Info("timeout go: the signal came")
			return ctx.Err()
		case <-time.After(30 * time.Second):
			return nil
		}
	})
