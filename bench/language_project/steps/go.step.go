package steps

import (
	"sync/atomic"

	"motia"
)

type hello struct {
	Message string `json:"message"`
}

type counted struct {
	Count int64 `json:"count"`
}

var seen atomic.Int64

var _ = motia.API(motia.APIConfig{Name: "HelloGo", Method: "GET", Path: "/go"},
	func(ctx *motia.Context, req motia.Request[motia.None]) (motia.Response[hello], error) {
		return motia.Response[hello]{Status: 200, Body: hello{"hello"}}, nil
	})

var _ = motia.API(motia.APIConfig{Name: "CallsGo", Method: "GET", Path: "/go/calls"},
	func(ctx *motia.Context, req motia.Request[motia.None]) (motia.Response[hello], error) {
		for range 20 {
			if _, err := motia.Get[*int](ctx.State, "bench", "key"); err != nil {
				return motia.Response[hello]{}, err
			}
		}
		return motia.Response[hello]{Status: 200, Body: hello{"hello"}}, nil
	})

var _ = motia.API(motia.APIConfig{Name: "SeenGo", Method: "GET", Path: "/go/seen"},
	func(ctx *motia.Context, req motia.Request[motia.None]) (motia.Response[counted], error) {
		return motia.Response[counted]{Status: 200, Body: counted{seen.Load()}}, nil
	})

type note struct {
	N int `json:"n"`
}

var _ = motia.Event(motia.EventConfig{Name: "SinkGo", Subscribes: []string{"go"}, Queue: &motia.Queue{Concurrency: 64}},
	func(ctx *motia.Context, data note) error {
		seen.Add(1)
		return nil
	})
