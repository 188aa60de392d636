export const config = { type: 'api', name: 'cas typescript', method: 'POST', path: '/typescript/state_compare_and_set', emits: [] }

const count = async (state, g) => {
  for (let ok = false; !ok; ) {
    const found = await state.getVersioned(g, 'n')
    ;({ ok } = await state.compareAndSet(g, 'n', found.version, (found.value ?? 0) + 1))
  }
}

export const handler = async (req, { state }) => {
  const g = 'typescript-cas'
  await state.clear(g)
  const missing = await state.getVersioned(g, 'k')
  const first = await state.compareAndSet(g, 'k', 0, 1)
  const again = await state.compareAndSet(g, 'k', 0, 5)
  const read = await state.getVersioned(g, 'k')
  const second = await state.compareAndSet(g, 'k', read.version, 2)
  const late = await state.compareAndSet(g, 'k', first.version, 9)
  await Promise.all(Array.from({ length: 20 }, () => count(state, g)))
  const body = {
    missing: [missing.value === null, missing.version],
    first: first.ok,
    again: [again.ok, again.version === first.version],
    read: [read.value, read.version === first.version],
    second: second.ok,
    late: late.ok,
    value: await state.get(g, 'k'),
    counted: await state.get(g, 'n'),
  }
  return { status: 200, body }
}
