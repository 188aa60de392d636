// CommonJS
const { readFileSync } = require('fs')

exports.config = { type: 'api', name: 'reminder', method: 'GET', path: '/reminders/:name', emits: [], flows: ['visits'] }
exports.handler = async (req, { state }) => {
  const text = await state.get('reminders', req.pathParams.name)
  const { name } = JSON.parse(readFileSync('package.json', 'utf8'))
  return { status: text === null ? 404 : 200, body: { text, from: name, dirname: __dirname.split('/').slice(-2).join('/') } }
}
