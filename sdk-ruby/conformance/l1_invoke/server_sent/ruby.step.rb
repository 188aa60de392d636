# frozen_string_literal: true

require 'motia'

def config
  { type: 'api', name: 'events ruby', method: 'GET', path: '/ruby/events', emits: [] }
end

def handler
  Motia.sse(['one', { event: 'tick', id: 2, data: { n: 2 } }, { n: 3 }, "two\nlines"])
end
