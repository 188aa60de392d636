# frozen_string_literal: true

def config
  { type: 'event', name: 'no_data ruby', subscribes: ['no_data.ruby', 'no_data.ruby.zero'] }
end

def handler(data, context)
  entry = data.nil? ? { n: 1, absent: true } : { n: 2, zero: data.zero? }
  context.state.set('journal-no_data-ruby', entry[:n], entry)
end
