package streams_atomic

import (
	"errors"
	"fmt"

	"motia"
)

type item struct {
	ID    string `json:"id,omitempty"`
	Text  string `json:"text"`
	Votes int    `json:"votes,omitempty"`
}

var board = motia.StreamNamed[item]("board")

func ids(ctx *motia.Context) ([]string, error) {
	found, err := board.GetGroup(ctx, "go-atomic")
	names := []string{}
	for _, one := range found {
		names = append(names, one.ID)
	}
	return names, err
}

var _ = motia.Event(motia.EventConfig{Name: "streams_atomic go", Subscribes: []string{"streams_atomic.go"}, Atomic: true},
	func(ctx *motia.Context, input any) error {
		id := fmt.Sprint("a", ctx.Attempt)
		before, err1 := ids(ctx)
		_, err2 := board.Set(ctx, "go-atomic", id, item{Text: "x"})
		_, err3 := board.Update(ctx, "go-atomic", id, motia.Op{Type: "increment", Path: "/votes"})
		updated, err4 := board.Update(ctx, "go-atomic", id, motia.Op{Type: "increment", Path: "/votes"})
		err5 := board.Send(ctx, "go-atomic", "", "told", ctx.Attempt)
		after, err6 := ids(ctx)
		if err := errors.Join(err1, err2, err3, err4, err5, err6); err != nil {
			return err
		}
		seen := map[string]any{"attempt": ctx.Attempt, "before": before, "after": after, "updated": updated.Votes}
		if err := ctx.State.Set("journal-streams_atomic-go", "seen", seen); err != nil {
			return err
		}
		if ctx.Attempt == 1 {
			return errors.New("the first attempt fails")
		}
		return nil
	})
