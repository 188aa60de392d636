export const config = { type: 'event', name: 'WireSlow', subscribes: ['wire.slow'], emits: [] }

export const handler = async (input) => {
  process.stdout.write('wire: slow\n')
  await new Promise((resolve) => setTimeout(resolve, input.ms))
}
