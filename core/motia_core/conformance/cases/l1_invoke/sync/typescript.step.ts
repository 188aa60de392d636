export const config = { type: 'api', name: 'sync typescript', method: 'GET', path: '/typescript/sync', emits: [] }

export function handler() {
  return { status: 200, body: { sync: true } }
}
