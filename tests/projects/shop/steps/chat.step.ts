// written for another generation: it loads, and fails when it is called
export const config = { type: 'api', name: 'chat', method: 'POST', path: '/chat', emits: [], inputSchema: {} }
export const handler = async (context: any) => ({ status: 200, body: context.streams.chat.list({ limit: 1 }) })
