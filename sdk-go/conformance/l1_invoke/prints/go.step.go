package prints

import (
	"fmt"
	"os"

	"motia"
)

var _ = motia.API(motia.APIConfig{Name: "prints go", Method: "GET", Path: "/go/prints"},
	func(ctx *motia.Context, req motia.Request[motia.None]) (motia.Response[string], error) {
		fmt.Println("go prints this ü")
		fmt.Fprintln(os.Stderr, "go complains of that")
		return motia.Response[string]{Status: 200, Body: "printed"}, nil
	})
