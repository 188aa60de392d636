/** What is imported from motia works within a step only. */

import { api, logger, stateManager } from 'motia'

const refused = await stateManager.get('any', 'key').catch((error) => error.message)
logger.info('a file is being imported')

export const config = { name: 'JsOutside', triggers: [api('GET', '/js/outside')], enqueues: [] }

export const handler = async () => ({ status: 200, body: { refused } })
