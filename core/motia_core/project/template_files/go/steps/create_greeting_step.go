// Package steps has the steps of the project.
package steps

import (
	"crypto/rand"
	"encoding/hex"

	"motia"
)

// Wish is the body of a request for a greeting; what it says of itself is the schema.
type Wish struct {
	Name string `json:"name" jsonschema:"minLength=1"`
}

// Accepted says where the greeting will be.
type Accepted struct {
	ID string `json:"id"`
}

// GreetingRequested comes with the event greeting.requested.
type GreetingRequested struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

var _ = motia.API(motia.APIConfig{
	Name: "CreateGreeting", Description: "Takes the name of a person to greet",
	Method: "POST", Path: "/greetings", Emits: []string{"greeting.requested"}, Flows: []string{"greetings"},
}, func(ctx *motia.Context, req motia.Request[Wish]) (motia.Response[Accepted], error) {
	random := make([]byte, 4)
	if _, err := rand.Read(random); err != nil {
		return motia.Response[Accepted]{}, err
	}
	id := hex.EncodeToString(random)
	if err := ctx.Emit("greeting.requested", GreetingRequested{ID: id, Name: req.Body.Name}); err != nil {
		return motia.Response[Accepted]{}, err
	}
	ctx.Logger.Info("Greeting requested", "id", id)
	return motia.Response[Accepted]{Status: 202, Body: Accepted{ID: id}}, nil
})
