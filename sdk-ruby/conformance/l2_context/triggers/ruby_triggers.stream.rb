# frozen_string_literal: true

def config
  { name: 'triggers-ruby', schema: { type: 'object' }, base_config: { storageType: 'default' } }
end
