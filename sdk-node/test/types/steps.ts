/** Steps as a project writes them: compiled strictly against the declarations that are published. */

import {
  type ApiRequest,
  type ApiRouteConfig,
  type ApiRouteHandler,
  type CronConfig,
  type CronHandler,
  type Duration,
  defineConfig,
  type EmitOptions,
  type EventConfig,
  type EventHandler,
  type FlowContext,
  isApiStep,
  MotiaError,
  type MotiaPluginContext,
  type MotiaStream,
  type QueueConfig,
  RetryableError,
  type StateAdapter,
  type StateOperation,
  type Step,
  type StepHandler,
  type StreamAuthConfig,
  TerminalError,
} from 'motia'

declare module 'motia' {
  interface FlowContextStateStreams {
    board: MotiaStream<{ text: string }>
  }
}

interface Order {
  id: string
  total: number
}
type Emits = { topic: 'order.created'; data: Order } | { topic: 'reminder' }

const queue: QueueConfig = {
  type: 'fifo',
  maxRetries: 5,
  backoff: { type: 'exponential', delay: '1s', max: 60, jitter: 0.2 },
  retryDelay: '5s',
  visibilityTimeout: 60,
  concurrency: 4,
  concurrencyKey: 'customer.id',
  keyConcurrency: 2,
  rateLimit: { limit: 100, per: 60 },
  priority: 5,
}
export const alternatives: QueueConfig[] = [{ backoff: 'fixed' }, { rateLimit: '100/m' }, { delaySeconds: 10 }]
// @ts-expect-error no such kind of queue
export const wrongQueue: QueueConfig = { type: 'lifo' }
// @ts-expect-error no such key
export const wrongKey: QueueConfig = { retries: 3 }

export const eventConfig: EventConfig = {
  type: 'event',
  name: 'ProcessOrder',
  subscribes: ['order.created', 'order.created.dlq'],
  emits: ['reminder'],
  queue,
  infrastructure: { handler: { timeout: 30 }, queue },
  atomic: true,
  waitsFor: ['approval.given'],
}

export const handler: EventHandler<Order, Emits> = async (order, ctx) => {
  const { emit, run, sleep, waitFor, state, streams, logger } = ctx
  await emit({ topic: 'order.created', data: order, messageGroupId: order.id, delay: '5m', priority: -1 })
  await emit({ topic: 'reminder', at: new Date(), idempotencyKey: order.id, idempotencyWindow: 60_000 })
  // @ts-expect-error not a topic of this step
  await emit({ topic: 'other' })
  // @ts-expect-error a delay is a duration
  await emit({ topic: 'reminder', delay: new Date() })

  const charged: { receipt: string } = await run('charge', async () => ({ receipt: 'r1' }))
  const count: number = await run('count', () => 1)
  await sleep('1h')
  await sleep(500, { key: 'pause' })
  const answer = await waitFor<{ by: string }>('approval.given', { orderId: order.id }, '7d', { key: 'approval' })
  const other = await waitFor<{ by: string }>('approval.given', { match: { orderId: order.id }, timeout: 1000 })
  // @ts-expect-error null when nobody answered in time
  logger.info(answer.by)
  logger.info(other?.by ?? charged.receipt, { count, attempt: ctx.attempt, of: ctx.maxAttempts })

  const operations: StateOperation[] = [
    { type: 'increment', path: '/sold', by: 2 },
    { type: 'set', path: '/last', value: order.id },
    { type: 'merge', path: '', value: { by: 'anna' } },
    { type: 'append', path: '/orders', value: order.id },
    { type: 'remove', path: '/reserved' },
  ]
  // @ts-expect-error no such operation
  operations.push({ type: 'multiply', path: '' })
  const stock = await state.update<{ sold: number }>('stock', 'sku', operations)
  await state.set('stock', 'copy', stock, { ttl: '1h' })
  const { value, version } = await state.getVersioned<Order>('orders', order.id)
  const { ok } = await state.compareAndSet('orders', order.id, version, value ?? order, { ttl: 1000 })
  const page = await state.list<Order>('orders', { prefix: 'a', cursor: '', limit: 10 })
  for await (const { key, value } of state.listAll<Order>('orders')) logger.debug(key, { total: value.total, ok })
  await streams.board.set(page.cursor, 'id', { text: 'done' })
  ctx.signal.addEventListener('abort', () => logger.warn('stopping'))
  const wait: Duration = '30s'
  if (count > 1) throw new RetryableError('busy', { retryAfter: wait, cause: new MotiaError('why', 'kind') })
  throw new TerminalError('never again', { cause: 'no reason' })
}

export const cronConfig: CronConfig = {
  type: 'cron',
  name: 'Nightly',
  cron: '0 3 * * *',
  timezone: 'Europe/Berlin',
  overlap: 'skip',
  catchUp: 'once',
  catchUpWindow: '1h',
  jitter: '30s',
  emits: [],
}
export const cron: CronHandler = async ({ run }) => {
  await run('once', () => {})
}

export const apiConfig: ApiRouteConfig = {
  type: 'api',
  name: 'Create',
  path: '/orders/:id',
  method: 'POST',
  emits: ['order.created'],
  responseSchema: { 201: {} },
  middleware: [async (req, _ctx, next) => (req.headers.skip ? { status: 204, body: '' } : next())],
  atomic: true,
  cancelOnDisconnect: false,
}
export const create: ApiRouteHandler<Order, { status: 201; body: Order }, Emits> = async (req, { emit }) => {
  const options: EmitOptions = { idempotencyKey: req.body.id }
  await emit({ topic: 'order.created', data: req.body, ...options })
  return { status: 201, body: req.body }
}
export const legacy: StepHandler<typeof apiConfig> = async (_req, _ctx: FlowContext) => ({ status: 200, body: 'ok' })

export const typed: ApiRouteHandler<
  unknown,
  { status: 200; body: string },
  never,
  { id: string },
  { page?: string },
  { 'x-key': string }
> = async (req) => {
  // @ts-expect-error not a parameter of the path
  req.pathParams.order
  // @ts-expect-error may be missing
  req.queryParams.page.length
  return { status: 200, body: req.pathParams.id + req.headers['x-key'] }
}
/** A helper that takes requests of any step, as 0.x projects have them. */
export const bodyOf = <T>(req: ApiRequest<T>): T => req.body
export const untyped: ApiRouteHandler<Order, { status: 200; body: Order }, never, { id: string }> = async (req) => ({
  status: 200,
  body: bodyOf(req),
})

const streamAuth: StreamAuthConfig = { contextSchema: {}, authenticate: ({ headers }) => (headers.token ? {} : null) }
const plugin = (motia: MotiaPluginContext) => {
  const adapter: StateAdapter = motia.state
  motia.registerApi({ method: 'GET', path: '/x' }, async () => ({ status: 200, body: await adapter.get('a', 'b') }))
  return { workbench: [{ packageName: 'x', position: 'top' as const }] }
}
export const settings = defineConfig({ plugins: [plugin], streamAuth, app: (app) => app.use(), redis: {} })
export const routeOf = (step: Step): string => (isApiStep(step) ? step.config.path : '')
