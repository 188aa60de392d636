package exits

import (
	"fmt"
	"os"
	"runtime"
	"time"

	"motia"
)

var _ = motia.API(motia.APIConfig{Name: "bad go", Method: "GET", Path: "/go/bad/:how"},
	func(ctx *motia.Context, req motia.Request[motia.None]) (motia.Response[string], error) {
		how := req.PathParams.Get("how")
		switch how {
		case "exit":
			runtime.Goexit() // os.Exit cannot be caught: that is "die"
		case "die":
			os.Exit(3)
		case "block":
			time.Sleep(5 * time.Second)
		case "flood":
			for number := range 200_000 {
				fmt.Println(number)
			}
		}
		return motia.Response[string]{Status: 200, Body: how}, nil
	})
