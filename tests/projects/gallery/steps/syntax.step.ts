export const config = {
  type: 'api',
  name: 'Syntax',
  method: 'GET',
  path: '/syntax',
  emits: [,
}
