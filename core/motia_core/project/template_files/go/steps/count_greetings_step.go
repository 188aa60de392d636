package steps

import "motia"

var _ = motia.Cron(motia.CronConfig{
	Name: "CountGreetings", Description: "Every minute: how many greetings there are",
	Cron: "* * * * *", Flows: []string{"greetings"},
}, func(ctx *motia.Context) error {
	greetings, err := motia.GetGroup[Greeting](ctx.State, "greetings")
	if err == nil {
		ctx.Logger.Info("Greetings so far", "count", len(greetings))
	}
	return err
})
