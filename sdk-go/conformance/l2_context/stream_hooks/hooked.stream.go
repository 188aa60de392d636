package stream_hooks

import (
	"errors"

	"motia"
)

// A guard that neither lets in nor keeps out cannot be written in Go: "vague" is one that fails.
var _ = motia.Stream[map[string]any](motia.StreamConfig{
	Name:  "hooked-go",
	Extra: map[string]any{"presence": true, "messages": map[string]any{"topic": "hooked.go"}},
	CanAccess: func(ctx *motia.Context, who motia.Subscription) (bool, error) {
		switch who.Group {
		case "broken":
			panic("it broke")
		case "vague":
			return true, errors.New("it cannot tell")
		}
		return who.Group != "closed", nil
	},
	CanSend: func(ctx *motia.Context, who motia.Subscription, message motia.Message) (bool, error) {
		if message.Type == "break" {
			return true, errors.New("it broke")
		}
		return message.Type == "say", nil
	},
	OnJoin: func(ctx *motia.Context, who motia.Subscription) (any, error) {
		if who.Group == "unwanted" {
			return map[string]any{"unauthorized": true}, nil
		}
		return map[string]any{"presence": map[string]string{"from": "go"}}, nil
	},
	OnLeave: func(ctx *motia.Context, who motia.Subscription) error {
		left := map[string]string{"streamName": who.Stream, "groupId": who.Group}
		return ctx.State.Set("journal-hooked-go", "left", left)
	},
})
