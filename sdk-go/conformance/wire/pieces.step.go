package wire

import (
	"net/http"
	"strings"

	"motia"
)

var _ = motia.API(motia.APIConfig{Name: "WirePieces", Method: "POST", Path: "/wire/pieces"},
	func(ctx *motia.Context, req motia.Request[any]) (motia.Response[motia.Streamed], error) {
		return motia.Response[motia.Streamed]{Status: 200, Headers: http.Header{"content-type": {"text/plain"}},
			Body: func(send func(any) error) error {
				for range 16 {
					if err := send(strings.Repeat("x", 1000)); err != nil {
						return err
					}
				}
				return nil
			}}, nil
	})
