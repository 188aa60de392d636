/** `import { StreamClient } from 'motia/client'`: what happens in streams, as it happens. */

export { type GroupOptions, type ItemOf, StreamClient, type StreamItem } from './client.js'
export type { ConnectionOptions, WebSocketConstructor } from './connection.js'
export { type GroupState, GroupSubscription, type ItemState, ItemSubscription, type Status } from './subscription.js'
export { type Member, StreamError } from './wire.js'
