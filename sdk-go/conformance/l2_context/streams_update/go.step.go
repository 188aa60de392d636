package streams_update

import (
	"errors"
	"sync"

	"motia"
)

type item struct {
	ID      string `json:"id,omitempty"`
	Text    string `json:"text"`
	Votes   int    `json:"votes,omitempty"`
	X       *int   `json:"x,omitempty"`
	Created int64  `json:"_createdAt,omitempty"`
}

var board = motia.StreamNamed[item]("board")

func names(items []item) []string {
	found := []string{}
	for _, one := range items {
		found = append(found, one.ID)
	}
	return found
}

func run(ctx *motia.Context) (map[string]any, error) {
	g := "go-update"
	old, err := board.GetGroup(ctx, g)
	if err != nil {
		return nil, err
	}
	for _, one := range old {
		if _, err := board.Delete(ctx, g, one.ID); err != nil {
			return nil, err
		}
	}
	made, err1 := board.Update(ctx, g, "k", motia.Op{Type: "set", Path: "/text", Value: "a"}, motia.Op{Type: "increment", Path: "/votes", By: 2})
	_, refused := board.Update(ctx, g, "k", motia.Op{Type: "set", Path: "/x", Value: 1}, motia.Op{Type: "append", Path: "/text"})
	kept, err2 := board.Get(ctx, g, "k")
	var counting sync.WaitGroup
	for range 40 {
		counting.Add(1)
		ctx.Go(func() error {
			defer counting.Done()
			_, err := board.Update(ctx, g, "k", motia.Op{Type: "increment", Path: "/votes"})
			return err
		})
	}
	counting.Wait()
	voted, err3 := board.Get(ctx, g, "k")
	removed, err4 := board.Update(ctx, g, "k", motia.Op{Type: "remove"})
	gone, err5 := board.Get(ctx, g, "k")
	for _, number := range []string{"1", "2", "3"} {
		_, problem := board.Set(ctx, g, number, item{Text: number})
		err = errors.Join(err, problem)
	}
	first, err6 := board.List(ctx, g, motia.ListOptions{Limit: 2})
	second, err7 := board.List(ctx, g, motia.ListOptions{Limit: 2, Cursor: first.Cursor})
	all := []string{}
	for one, problem := range board.ListAll(ctx, g) {
		err, all = errors.Join(err, problem), append(all, one.ID)
	}
	if err := errors.Join(err, err1, err2, err3, err4, err5, err6, err7); err != nil {
		return nil, err
	}
	return map[string]any{"made": map[string]any{"id": made.ID, "text": made.Text, "votes": made.Votes, "created": made.Created > 0},
		"refused": refused != nil, "kept": kept.X == nil, "votes": voted.Votes, "removed": removed == nil, "gone": gone == nil,
		"pages": [][]string{names(first.Items), names(second.Items)}, "end": second.Cursor, "all": all}, nil
}

var _ = motia.API(motia.APIConfig{Name: "streams_update go", Method: "POST", Path: "/go/streams_update"},
	func(ctx *motia.Context, req motia.Request[any]) (motia.Response[any], error) {
		body, err := run(ctx)
		return motia.Response[any]{Status: 200, Body: body}, err
	})
