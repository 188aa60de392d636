export const config = { type: 'noop', name: 'noop javascript', virtualEmits: ['noop.javascript'], virtualSubscribes: [] }
