package killed

import (
	"fmt"
	"time"

	"motia"
)

type numbered struct {
	N int `json:"n"`
}

var _ = motia.Event(motia.EventConfig{Name: "note go", Subscribes: []string{"note.go"}},
	func(ctx *motia.Context, data numbered) error {
		time.Sleep(time.Millisecond)
		_, err := motia.Update[any](ctx.State, "journal-note-go", fmt.Sprint(data.N),
			motia.Op{Type: "set", Path: "/n", Value: data.N}, motia.Op{Type: "increment", Path: "/times"})
		return err
	})
