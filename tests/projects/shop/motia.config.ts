import { RedisCronAdapter } from '@motiadev/adapter-redis-cron'
import { RedisStateAdapter } from '@motiadev/adapter-redis-state'
import { RedisStreamAdapterManager } from '@motiadev/adapter-redis-streams'
import { defineConfig, type MotiaPlugin, type MotiaPluginContext } from '@motiadev/core'
import bullmqPlugin from '@motiadev/plugin-bullmq/plugin'
import path from 'node:path'
import boardPlugin from './plugins/board'

const statesPlugin = require('@motiadev/plugin-states/plugin')
const endpointPlugin = require('@motiadev/plugin-endpoint/plugin')

const redis = { host: process.env.REDIS_HOST ?? 'localhost', port: 6379, database: 0 }

function stockPlugin(motia: MotiaPluginContext): MotiaPlugin {
  motia.registerApi({ method: 'GET', path: '/__motia/stock' }, async (_req, ctx) => {
    const orders = await ctx.state.getGroup<{ total: number }>('orders')
    ctx.logger.info('stock was asked for', { orders: orders.length })
    return { status: 200, body: { orders: orders.length } }
  })
  return { dirname: path.join(__dirname, 'plugins'), workbench: [], steps: [] }
}

export default defineConfig({
  plugins: [statesPlugin, endpointPlugin, bullmqPlugin, boardPlugin, stockPlugin],
  adapters: {
    state: new RedisStateAdapter(redis, { keyPrefix: 'shop:' }),
    streams: new RedisStreamAdapterManager(redis),
    cron: new RedisCronAdapter(redis),
  },
  redis: { useMemoryServer: false, host: redis.host, port: redis.port },
})
