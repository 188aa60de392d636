package atomic_run

import (
	"errors"

	"motia"
)

func writes(ctx *motia.Context, name string) error {
	var err error
	switch name {
	case "emit":
		err = ctx.Emit("nobody.listens", map[string]any{})
	case "set":
		err = ctx.State.Set("atomic_run", "go", 1)
	case "update":
		_, err = motia.Update[int](ctx.State, "atomic_run", "go", motia.Op{Type: "increment"})
	case "compareAndSet":
		_, _, err = ctx.State.CompareAndSet("atomic_run", "go", 0, 1)
	case "delete":
		_, err = motia.Delete[int](ctx.State, "atomic_run", "go")
	case "clear":
		err = ctx.State.Clear("atomic_run")
	}
	return err
}

var _ = motia.Event(motia.EventConfig{Name: "atomic run go", Subscribes: []string{"atomic_run.go"}, Atomic: true},
	func(ctx *motia.Context, input any) error {
		refused := []string{}
		for _, name := range []string{"emit", "set", "update", "compareAndSet", "delete", "clear"} {
			_, err := motia.Run(ctx, name, func(ctx *motia.Context) (any, error) { return nil, writes(ctx, name) })
			if errors.Is(err, motia.ErrWriteInRun) {
				refused = append(refused, name)
			}
		}
		read, err := motia.Run(ctx, "read", func(ctx *motia.Context) (string, error) {
			value, err := motia.Get[*int](ctx.State, "atomic_run", "go")
			if value != nil {
				return "something", err
			}
			return "nothing", err
		})
		if err != nil {
			return err
		}
		return ctx.State.Set("journal-atomic_run-go", "1", map[string]any{"n": 1, "read": read, "refused": refused})
	})
