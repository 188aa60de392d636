package broken_nothing

import "motia"

func handler(ctx *motia.Context, input any) error { return nil }

var _ = handler
