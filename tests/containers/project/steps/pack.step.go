package steps

import "motia"

type parcel struct {
	ID      string   `json:"id"`
	Through []string `json:"through"`
}

var _ = motia.Event(motia.EventConfig{
	Name:       "Pack",
	Subscribes: []string{"parcel.weighed"},
	Emits:      []string{"parcel.packed"},
}, func(ctx *motia.Context, one parcel) error {
	one.Through = append(one.Through, "go")
	return ctx.Emit("parcel.packed", one)
})
