package noop

import "motia"

var _ = motia.Noop(motia.NoopConfig{Name: "noop go", VirtualEmits: []string{"noop.go"}})
