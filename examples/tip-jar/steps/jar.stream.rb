# frozen_string_literal: true

def config
  {
    name: 'jar',
    schema: { type: 'object', properties: { from: { type: 'string' }, cents: { type: 'integer' } } },
    base_config: { storageType: 'default' }
  }
end
