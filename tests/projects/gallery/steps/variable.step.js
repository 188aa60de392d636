if (!process.env.GALLERY_API_KEY) throw new Error('GALLERY_API_KEY environment variable is required')

export const config = { type: 'event', name: 'Variable', subscribes: ['a'], emits: [] }
export const handler = async () => {}
