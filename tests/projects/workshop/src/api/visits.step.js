// an ES module in a package that is none
import { withGreeting } from '../../middlewares/errors'

export const config = { type: 'api', name: 'visits', method: 'GET', path: '/visits', emits: [] }
export const handler = withGreeting('hello', async (_req, { state }) => ({ status: 200, body: await state.getGroup('visits') }))
