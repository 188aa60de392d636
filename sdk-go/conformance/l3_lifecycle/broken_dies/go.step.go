package broken_dies

import (
	"os"

	"motia"
)

var _ = dies()

func dies() *motia.Step {
	os.Exit(3)
	return nil
}
