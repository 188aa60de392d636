import type { MotiaPlugin, MotiaPluginContext } from 'motia'
import { fileURLToPath } from 'node:url'
import { columns } from './columns.js'

export default function boardPlugin(motia: MotiaPluginContext): MotiaPlugin {
  const { registerApi } = motia
  registerApi({ method: 'POST', path: '/board/:column' }, async (req, ctx) => {
    const { column } = req.pathParams
    if (!columns.includes(column)) return { status: 404, body: { error: `no column ${column}` } }
    await ctx.state.set('board', column, req.body)
    return { status: 201, body: { column, query: req.queryParams } }
  })
  return {
    dirname: fileURLToPath(new URL('.', import.meta.url)),
    workbench: [{ packageName: '~/plugins/board', label: 'Board', position: 'bottom' }],
  }
}
