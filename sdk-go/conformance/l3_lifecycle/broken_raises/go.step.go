package broken_raises

import "motia"

var _ = raises()

func raises() *motia.Step { panic("KEY is required") }
