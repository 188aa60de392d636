# frozen_string_literal: true

def config
  { type: 'api', name: 'token ruby', method: 'GET', path: '/ruby/token_is_hidden' }
end

def handler(_req, _context)
  { status: 200, body: { token: ENV.fetch('MOTIA_SIDECAR_TOKEN', ''), languages: !ENV['CONFORMANCE_LANGUAGES'].empty? } }
end
