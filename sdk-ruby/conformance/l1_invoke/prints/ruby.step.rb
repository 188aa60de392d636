# frozen_string_literal: true

def config
  { type: 'api', name: 'prints ruby', method: 'GET', path: '/ruby/prints' }
end

def handler
  puts 'ruby prints this ü'
  warn 'ruby complains of that'
  { status: 200, body: 'printed' }
end
