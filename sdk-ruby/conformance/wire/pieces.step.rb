# frozen_string_literal: true

config = { type: 'api', name: 'WirePieces', path: '/wire/pieces', method: 'POST', emits: [] }

def handler
  { status: 200, headers: { 'content-type' => 'text/plain' }, body: Array.new(16, 'x' * 1000).each }
end
