# frozen_string_literal: true

def config
  { type: 'api', name: 'multipart ruby', method: 'POST', path: '/ruby/multipart', emits: [] }
end

def shown(file)
  text = file.open { |content| content.read(8) }
  { field: file.field, filename: file.filename, type: file.content_type, size: file.size,
    text: text.to_s.dup.force_encoding(Encoding::UTF_8), disk: !file.path.nil? }
end

def handler(req, _context)
  files = req.fetch('files', []).map { |file| shown(file) }
  { status: 200, body: { body: req.body, raw: req.rawBody, files: files } }
end
