export const config = { type: 'noop', name: 'noop typescript', virtualEmits: ['noop.typescript'], virtualSubscribes: [] }
