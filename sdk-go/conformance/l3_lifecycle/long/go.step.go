package long

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

type wait struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds,omitempty"`
}

var _ = motia.Event(motia.EventConfig{Name: "wait go", Subscribes: []string{"wait.go"}, Queue: &motia.Queue{VisibilityTimeout: 4}},
	func(ctx *motia.Context, data wait) error {
		if err := note(ctx, data.Name, "start"); err != nil {
			return err
		}
		if data.Seconds == 0 {
			data.Seconds = 2
		}
		time.Sleep(time.Duration(data.Seconds * float64(time.Second)))
		return note(ctx, data.Name, "done")
	})
