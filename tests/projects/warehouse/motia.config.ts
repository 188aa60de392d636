import type { AuthenticateStream } from 'motia'

export const authenticateStream: AuthenticateStream = async ({ queryParams }) => {
  if (queryParams.user?.[0] === 'thief') throw new Error('not you')
  return { context: { user: queryParams.user?.[0] ?? 'guest' } }
}
