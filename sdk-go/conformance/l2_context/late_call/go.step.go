package late_call

import (
	"errors"
	"fmt"
	"time"

	"motia"
)

var _ = motia.API(motia.APIConfig{Name: "late_call go", Method: "POST", Path: "/go/late_call"},
	func(ctx *motia.Context, req motia.Request[any]) (motia.Response[any], error) {
		time.AfterFunc(300*time.Millisecond, func() {
			if err := ctx.State.Set("journal-late_call-go", "late", map[string]int{"n": 1}); errors.Is(err, motia.ErrEnded) {
				fmt.Println("late call of go: refused")
			} else {
				fmt.Println("late call of go: made")
			}
		})
		return motia.Response[any]{Status: 200, Body: map[string]bool{"ok": true}}, nil
	})
