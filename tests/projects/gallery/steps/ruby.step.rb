def config = { type: 'event' }
