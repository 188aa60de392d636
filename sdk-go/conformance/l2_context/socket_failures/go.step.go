package socket_failures

import (
	"encoding/json"
	"errors"

	"motia"
)

type message struct {
	N int `json:"n"`
}

var _ = motia.Socket(motia.APIConfig{Name: "socket_failures go", Path: "/go/socket_failures", MessageSchema: message{}},
	func(ctx *motia.Context, event motia.SocketEvent) (any, error) {
		if event.Type != "message" {
			return nil, nil
		}
		var got message
		if err := json.Unmarshal(event.Data.(json.RawMessage), &got); err != nil {
			return nil, err
		}
		if got.N == 0 {
			return nil, errors.New("nothing is not enough")
		}
		return got, nil
	})
