import { config } from 'motia'

export default config({
  streamAuth: {
    contextSchema: { type: 'object' },
    authenticate: ({ headers, url }) => {
      const asked = new URL(url ?? '/', 'ws://core').searchParams.get('token')
      const offered = String(headers['sec-websocket-protocol'] ?? '').split(/, */)[1]
      const token = asked ?? offered ?? 'guest'
      if (token === 'wrong') throw new Error('a wrong token')
      return { user: token }
    },
  },
})
