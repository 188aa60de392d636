package streamed

import (
	"errors"
	"net/http"
	"strings"

	"motia"
)

func pieces(pieces ...any) motia.Streamed {
	return func(send func(any) error) error {
		for _, piece := range pieces {
			if err := send(piece); err != nil {
				return err
			}
		}
		return nil
	}
}

func failing(before ...any) motia.Streamed {
	return func(send func(any) error) error {
		if err := pieces(before...)(send); err != nil {
			return err
		}
		return errors.New("on purpose")
	}
}

func large(send func(any) error) error {
	for range 30 {
		if err := send(strings.Repeat("x", 100_000)); err != nil {
			return err
		}
	}
	return nil
}

var _ = motia.API(motia.APIConfig{Name: "streamed go", Method: "GET", Path: "/go/streamed/:how"},
	func(ctx *motia.Context, req motia.Request[any]) (motia.Response[motia.Streamed], error) {
		response := motia.Response[motia.Streamed]{Status: 200}
		switch req.PathParams.Get("how") {
		case "text":
			response.Headers, response.Body = http.Header{"X-Own": {"1"}}, pieces("one ", "two ", "three")
		case "bytes":
			response.Body = pieces([]byte{0, 255, 10}, []byte{0, 255, 10})
		case "objects":
			response.Body = pieces(map[string]int{"n": 1}, map[string]int{"n": 2})
		case "typed":
			response.Headers = http.Header{"Content-Type": {"text/html; charset=utf-8"}}
			response.Body = pieces("<p>", "1</p>")
		case "large":
			response.Body = large
		case "empty":
			response.Status, response.Body = 201, pieces()
		case "refused":
			response.Body = failing()
		default:
			response.Body = failing("the beginning")
		}
		return response, nil
	})
