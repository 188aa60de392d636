package wait_for

import (
	"fmt"
	"time"

	"motia"
)

type input struct {
	N       int  `json:"n"`
	Waits   int  `json:"waits"`
	Timeout int  `json:"timeout,omitempty"`
	Late    bool `json:"late,omitempty"`
}

type answer struct {
	By string `json:"by"`
}

var _ = motia.Event(motia.EventConfig{Name: "wait go", Subscribes: []string{"wait.go"}, WaitsFor: []string{"wait.answer.go"}},
	func(ctx *motia.Context, in input) error {
		if err := ctx.State.Set("journal-wait-began-go", fmt.Sprint(in.N), map[string]int{"n": in.N}); err != nil {
			return err
		}
		if in.Late {
			time.Sleep(300 * time.Millisecond)
		}
		options := motia.WaitOptions{Match: map[string]any{"n": in.N, "order": map[string]bool{"ok": true}},
			Timeout: time.Duration(in.Timeout) * time.Millisecond}
		answers := []string{}
		for range in.Waits {
			answer, came, err := motia.WaitFor[answer](ctx, "wait.answer.go", options)
			if err != nil {
				return err
			}
			if !came {
				answer.By = "nobody"
			}
			answers = append(answers, answer.By)
		}
		entry := map[string]any{"n": in.N, "answers": answers, "attempt": ctx.Attempt}
		return ctx.State.Set("journal-wait-go", fmt.Sprint(in.N), entry)
	})
