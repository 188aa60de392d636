package broken_exits

import (
	"os"

	"motia"
)

var _ = exits()

func exits() *motia.Step {
	os.Exit(0)
	return nil
}
