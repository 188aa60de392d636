package late

import (
	"fmt"
	"os"
	"time"

	"motia"
)

func note(ctx *motia.Context, name, what string) error {
	key := fmt.Sprintf("%s %d", what, time.Now().UnixNano())
	entry := map[string]any{"what": what, "attempt": ctx.Attempt, "pid": os.Getpid(), "at": float64(time.Now().UnixMilli()) / 1000}
	return ctx.State.Set("journal-"+name+"-go", key, entry)
}

var _ = motia.Event(motia.EventConfig{Name: "late go", Subscribes: []string{"late.go"}, Infrastructure: &motia.Infrastructure{
	Handler: &motia.Limits{Timeout: 1}, Queue: &motia.Queue{MaxRetries: motia.Ptr(0)}}},
	func(ctx *motia.Context, data any) error {
		time.Sleep(3 * time.Second) // whatever anybody says
		return note(ctx, "late", "late")
	})
