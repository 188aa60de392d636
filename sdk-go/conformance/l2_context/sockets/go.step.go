package sockets

import (
	"fmt"

	"motia"
)

var _ = motia.Socket(motia.APIConfig{Name: "socket go", Path: "/go/socket/:id"},
	func(ctx *motia.Context, event motia.SocketEvent) (any, error) {
		name := event.PathParams.Get("id")
		if event.Type != "message" {
			if name == "no" {
				return &motia.HTTPResponse{Status: 403, Body: map[string]any{}}, nil
			}
			number := 2
			if event.Type == "connect" {
				number = 1
			}
			return nil, ctx.State.Set("journal-socket-go", fmt.Sprint(number), map[string]any{"n": number, "type": event.Type})
		}
		switch event.Data {
		case "json":
			return map[string]int{"n": 1}, nil
		case "quiet":
			return nil, nil
		case "twice":
			_, err := ctx.Sockets.Send(event.ConnectionID, "one")
			return "two", err
		}
		return fmt.Sprintf("%s from %s with %s", event.Data, name, event.QueryParams.Get("a")), nil
	})
