# frozen_string_literal: true

def config
  { type: 'api', name: 'watches ruby', method: 'POST', path: '/ruby/watches' }
end

def handler(_req, context)
  context.streams.board.set('ruby-unwatched', '1', { text: 'b' })
  context.streams.board.set('ruby-watched', '1', { text: 'a' })
  { status: 200 }
end
