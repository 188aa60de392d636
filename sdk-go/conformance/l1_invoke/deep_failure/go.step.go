package deep_failure

import (
	"errors"
	"fmt"
	"strings"

	"motia"
)

func deeper(depth int) error {
	if depth == 0 {
		return errors.New(strings.Repeat("x", 100_000))
	}
	return fmt.Errorf("step %d of go went wrong %d: %w", depth, depth, deeper(depth-1))
}

var _ = motia.API(motia.APIConfig{Name: "deep go", Method: "GET", Path: "/go/deep_failure"},
	func(ctx *motia.Context, req motia.Request[motia.None]) (motia.Response[string], error) {
		if req.QueryParams.Get("well") != "" {
			return motia.Response[string]{Status: 200, Body: "well"}, nil
		}
		return motia.Response[string]{}, deeper(40)
	})
