package watches

import "motia"

type item struct {
	Text string `json:"text"`
}

var board = motia.StreamNamed[item]("board")

var _ = motia.API(motia.APIConfig{Name: "watches go", Method: "POST", Path: "/go/watches"},
	func(ctx *motia.Context, req motia.Request[any]) (motia.Response[motia.None], error) {
		if _, err := board.Set(ctx, "go-unwatched", "1", item{"b"}); err != nil {
			return motia.Response[motia.None]{}, err
		}
		_, err := board.Set(ctx, "go-watched", "1", item{"a"})
		return motia.Response[motia.None]{Status: 200}, err
	})

type change struct {
	ID    string `json:"id"`
	Event struct {
		Type string `json:"type"`
		Data item   `json:"data"`
	} `json:"event"`
}

var _ = motia.Event(motia.EventConfig{Name: "watcher go", Watches: map[string]string{"stream": "board", "group": "go-watched"}},
	func(ctx *motia.Context, seen change) error {
		entry := map[string]any{"n": 1, "type": seen.Event.Type, "text": seen.Event.Data.Text}
		return ctx.State.Set("journal-watches-go", seen.ID, entry)
	})
