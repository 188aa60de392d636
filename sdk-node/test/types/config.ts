// motia.config.ts as projects write it.
import { config, DefaultCronAdapter, defineConfig } from 'motia'

export const untyped = defineConfig({
  plugins: [],
  app: (app) => {
    app.use((_req: unknown, _res: unknown, next: () => void) => next())
  },
})

export default config({
  adapters: { cron: new DefaultCronAdapter({ url: 'redis://' }) },
  app: async (express) => express,
})

// @ts-expect-error: app is a function
defineConfig({ app: 1 })
