export const config = { type: 'event', name: 'WireFail', subscribes: ['wire.fail'], emits: [] }

export const handler = async () => {
  throw new TypeError('wire: no')
}
