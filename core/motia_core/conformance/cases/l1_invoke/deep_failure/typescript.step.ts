export const config = { type: 'api', name: 'deep typescript', method: 'GET', path: '/typescript/deep_failure' }

const deeper = (depth) => {
  try {
    if (depth === 0) throw new RangeError('x'.repeat(100_000))
    return deeper(depth - 1)
  } catch (cause) {
    throw new Error(`step ${depth} of typescript went wrong ${depth}`, { cause })
  }
}

export const handler = async (req) => {
  if (req.queryParams.well) return { status: 200, body: 'well' }
  return deeper(40)
}
