/** Mock functions that need no test runner, and that `expect` of jest and of vitest takes for its own. */

// biome-ignore lint/suspicious/noExplicitAny: stands for functions of any type
type Any = any

export interface MockFunction {
  (...args: Any[]): Any
  readonly mock: {
    calls: Any[][]
    results: { type: 'return' | 'throw'; value: Any }[]
    settledResults: { type: 'fulfilled' | 'rejected' | 'incomplete'; value: Any }[]
    instances: Any[]
    contexts: Any[]
    invocationCallOrder: number[]
    readonly lastCall: Any[] | undefined
  }
  mockImplementation(fn: (...args: Any[]) => Any): MockFunction
  mockImplementationOnce(fn: (...args: Any[]) => Any): MockFunction
  mockReturnValue(value: Any): MockFunction
  mockReturnValueOnce(value: Any): MockFunction
  mockResolvedValue(value: Any): MockFunction
  mockResolvedValueOnce(value: Any): MockFunction
  mockRejectedValue(error: Any): MockFunction
  mockRejectedValueOnce(error: Any): MockFunction
  /** Forgets the calls. */
  mockClear(): MockFunction
  /** Forgets the calls, and what was said about results. */
  mockReset(): MockFunction
  mockRestore(): void
  mockName(name: string): MockFunction
  getMockName(): string
  getMockImplementation(): ((...args: Any[]) => Any) | undefined
}

let order = 0

/** A function that remembers how it was called.
 * @param first what it does until something else is said; nothing when left out
 */
export function createMockFunction(first?: (...args: Any[]) => Any): MockFunction {
  let implementation = first
  let name = 'mock'
  const once: ((...args: Any[]) => Any)[] = []
  const mock = newMock()
  const fn = function (this: unknown, ...args: Any[]): Any {
    mock.calls.push(args)
    mock.contexts.push(this)
    mock.instances.push(this)
    mock.invocationCallOrder.push(++order)
    const result: { type: 'return' | 'throw'; value: Any } = { type: 'return', value: undefined }
    mock.results.push(result)
    const settled = { type: 'incomplete' as 'fulfilled' | 'rejected' | 'incomplete', value: undefined as Any }
    mock.settledResults.push(settled)
    try {
      result.value = (once.shift() ?? implementation)?.apply(this, args)
    } catch (error) {
      Object.assign(result, { type: 'throw', value: error })
      throw error
    }
    if (typeof result.value?.then === 'function') {
      result.value.then(
        (value: Any) => Object.assign(settled, { type: 'fulfilled', value }),
        (error: Any) => Object.assign(settled, { type: 'rejected', value: error }),
      )
    } else Object.assign(settled, { type: 'fulfilled', value: result.value })
    return result.value
  }
  const say = (how: (...args: Any[]) => Any) => {
    implementation = how
    return mocked
  }
  const sayOnce = (how: (...args: Any[]) => Any) => {
    once.push(how)
    return mocked
  }
  const mocked: MockFunction = Object.assign(fn, {
    _isMockFunction: true,
    mock,
    mockImplementation: say,
    mockImplementationOnce: sayOnce,
    mockReturnValue: (value: Any) => say(() => value),
    mockReturnValueOnce: (value: Any) => sayOnce(() => value),
    mockResolvedValue: (value: Any) => say(async () => value),
    mockResolvedValueOnce: (value: Any) => sayOnce(async () => value),
    mockRejectedValue: (error: Any) => say(() => Promise.reject(error)),
    mockRejectedValueOnce: (error: Any) => sayOnce(() => Promise.reject(error)),
    mockClear: () => {
      for (const list of [mock.calls, mock.results, mock.settledResults, mock.instances, mock.contexts]) list.length = 0
      mock.invocationCallOrder.length = 0
      return mocked
    },
    mockReset: () => {
      once.length = 0
      implementation = first
      return mocked.mockClear()
    },
    mockRestore: () => void mocked.mockReset(),
    mockName: (given: string) => {
      name = given
      return mocked
    },
    getMockName: () => name,
    getMockImplementation: () => once[0] ?? implementation,
  })
  return mocked
}

function newMock(): MockFunction['mock'] {
  return {
    calls: [],
    results: [],
    settledResults: [],
    instances: [],
    contexts: [],
    invocationCallOrder: [],
    get lastCall() {
      return this.calls.at(-1)
    },
  }
}
