export const config = { type: 'api', name: 'sync javascript', method: 'GET', path: '/javascript/sync', emits: [] }

export function handler() {
  return { status: 200, body: { sync: true } }
}
