import type { StreamConfig } from 'motia'

/** The notes of a board. Who has the page open takes part; what they do arrives as events of board.message. */
export const config: StreamConfig = {
  name: 'notes',
  schema: {
    type: 'object',
    properties: {
      text: { type: 'string', maxLength: 280 },
      color: { enum: ['yellow', 'pink', 'blue', 'green'] },
      x: { type: 'number', minimum: 0, maximum: 1 },
      y: { type: 'number', minimum: 0, maximum: 1 },
      author: { type: 'string', maxLength: 40 },
    },
    required: ['text', 'color', 'x', 'y', 'author'],
  },
  maxItems: 60,
  presence: true,
  messages: {
    topic: 'board.message',
    schema: {
      type: 'object',
      properties: {
        text: { type: 'string', maxLength: 280 },
        color: { enum: ['yellow', 'pink', 'blue', 'green'] },
        x: { type: 'number', minimum: 0, maximum: 1 },
        y: { type: 'number', minimum: 0, maximum: 1 },
        author: { type: 'string', maxLength: 40 },
      },
      additionalProperties: false,
    },
  },
  // A group is a board. Its name is in the page's address: board names are short.
  canAccess: ({ groupId }) => groupId.length <= 40,
}
