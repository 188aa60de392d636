package streams

import (
	"errors"

	"motia"
)

type item struct {
	ID      string `json:"id,omitempty"`
	Text    string `json:"text"`
	Created int64  `json:"_createdAt,omitempty"`
}

var board = motia.StreamNamed[item]("board")

func run(ctx *motia.Context) (map[string]any, error) {
	group := "go-group"
	old, err := board.GetGroup(ctx, group)
	if err != nil {
		return nil, err
	}
	for _, one := range old {
		if _, err := board.Delete(ctx, group, one.ID); err != nil {
			return nil, err
		}
	}
	first, err1 := board.Set(ctx, group, "1", item{Text: "a", ID: "other"})
	_, err2 := board.Set(ctx, group, "2", item{Text: "b"})
	changed, err3 := board.Set(ctx, group, "1", item{Text: "c"})
	found, err4 := board.GetGroup(ctx, group)
	removed, err5 := board.Delete(ctx, group, "2")
	gone, err6 := board.Get(ctx, group, "2")
	again, err7 := board.Delete(ctx, group, "2")
	if err := errors.Join(err1, err2, err3, err4, err5, err6, err7); err != nil {
		return nil, err
	}
	items := [][]string{}
	for _, one := range found {
		items = append(items, []string{one.ID, one.Text})
	}
	return map[string]any{"first": map[string]any{"id": first.ID, "text": first.Text, "created": first.Created > 0},
		"same": first.Created == changed.Created, "items": items, "removed": removed.Text, "gone": gone == nil, "again": again == nil,
		"sent": board.Send(ctx, group, "", "t", 1) == nil}, nil
}

var _ = motia.API(motia.APIConfig{Name: "streams go", Method: "POST", Path: "/go/streams"},
	func(ctx *motia.Context, req motia.Request[any]) (motia.Response[any], error) {
		body, err := run(ctx)
		return motia.Response[any]{Status: 200, Body: body}, err
	})
