package steps

import (
	"cmp"
	"os"

	"motia"
)

// Greeting is what is kept in the state.
type Greeting struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

var _ = motia.Event(motia.EventConfig{
	Name: "WriteGreeting", Description: "Writes the greeting and keeps it",
	Subscribes: []string{"greeting.requested"}, Flows: []string{"greetings"},
}, func(ctx *motia.Context, request GreetingRequested) error {
	text := cmp.Or(os.Getenv("GREETING"), "Hello") + ", " + request.Name + "!"
	ctx.Logger.Info(text, "id", request.ID)
	return ctx.State.Set("greetings", request.ID, Greeting{ID: request.ID, Text: text})
})
