exports.config = {
  type: 'api',
  name: 'GetInsights',
  method: 'GET',
  path: '/insights',
  emits: [],
  flows: ['orders'],
}

exports.handler = async (_req, { state }) => ({ status: 200, body: await state.getGroup('insights') })
