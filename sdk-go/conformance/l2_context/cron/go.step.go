package cron

import "motia"

var _ = motia.Cron(motia.CronConfig{Name: "cron go", Cron: "0 0 1 1 *"},
	func(ctx *motia.Context) error {
		return ctx.State.Set("journal-cron-go", "run", map[string]int{"n": 1, "attempt": ctx.Attempt})
	})
