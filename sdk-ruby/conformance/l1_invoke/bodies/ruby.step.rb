# frozen_string_literal: true

def config
  { type: 'api', name: 'bodies ruby', method: 'POST', path: '/ruby/bodies', emits: [] }
end

def handler(req, _context)
  raw = req.rawBody
  raw = raw.bytes if raw.encoding == Encoding::BINARY
  { status: 200, body: { body: req.body, raw: raw } }
end
