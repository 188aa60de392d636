package chain

import (
	"fmt"

	"motia"
)

type input struct {
	Run   string   `json:"run"`
	N     int      `json:"n"`
	Route []string `json:"route"`
}

var _ = motia.Event(motia.EventConfig{Name: "chain go", Subscribes: []string{"chain.go"}},
	func(ctx *motia.Context, in input) error {
		entry := map[string]any{"n": in.N, "lang": "go", "trace": ctx.TraceID}
		if err := ctx.State.Set("journal-chain-"+in.Run, fmt.Sprint("go ", in.N), entry); err != nil {
			return err
		}
		if len(in.Route) == 0 {
			return nil
		}
		return ctx.Emit(in.Route[0], input{in.Run, in.N + 1, in.Route[1:]})
	})
