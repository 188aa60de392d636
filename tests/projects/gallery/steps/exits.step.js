process.exit(1)

export const config = { type: 'noop', name: 'Exits' }
