package sockets_middleware

import (
	"fmt"

	"motia"
)

func count(ctx *motia.Context, req *motia.HTTPRequest, next func() (*motia.HTTPResponse, error)) (*motia.HTTPResponse, error) {
	if _, err := motia.Update[int](ctx.State, "socket-middleware-go", "count", motia.Op{Type: "increment"}); err != nil {
		return nil, err
	}
	return next()
}

var _ = motia.Socket(motia.APIConfig{Name: "socket middleware go", Path: "/go/socket-middleware", Middleware: []motia.Middleware{count}},
	func(ctx *motia.Context, event motia.SocketEvent) (any, error) {
		switch event.Type {
		case "message":
			count, err := motia.Get[int](ctx.State, "socket-middleware-go", "count")
			return fmt.Sprint(count), err
		case "close":
			return nil, ctx.State.Clear("socket-middleware-go")
		}
		return nil, nil
	})
