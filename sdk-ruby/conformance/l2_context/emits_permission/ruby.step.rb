# frozen_string_literal: true

def config
  { type: 'api', name: 'permission ruby', method: 'POST', path: '/ruby/permission', emits: ['permission.allowed'] }
end

def handler(_req, context)
  context.emit(topic: 'permission.undeclared', data: { key: 'ruby-undeclared' })
  context.emit(type: 'permission.allowed', data: { key: 'ruby-no-topic' })
  context.emit({ 'topic' => 'permission.allowed', 'data' => { 'key' => 'ruby-declared' } })
  { status: 200, body: { ok: true } }
end
