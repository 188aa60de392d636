# frozen_string_literal: true

require 'motia'

def config
  { type: 'api', name: 'left ruby', method: 'GET', path: '/ruby/left', emits: [] }
end

def handler(_req, context)
  events = Enumerator.new do |out|
    context.state.set('journal-left-ruby', '1', { n: 1 })
    out << 'begun'
    sleep 60
  ensure
    context.state.set('journal-left-ruby', '2', { n: 2, cancelled: context.signal.cancelled? })
  end
  Motia.sse(events)
end
