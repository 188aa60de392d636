package broken

import "motia"

var _ = broken()

func broken() *motia.Step { panic("wire: broken") }
