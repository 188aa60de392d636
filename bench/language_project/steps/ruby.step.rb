# frozen_string_literal: true

@count = 0
@mutex = Mutex.new

api 'GET', '/ruby' do
  { status: 200, body: { message: 'hello' } }
end

api 'GET', '/ruby/calls' do |_req, context|
  20.times { context.state.get('bench', 'key') }
  { status: 200, body: { message: 'hello' } }
end

api 'GET', '/ruby/seen' do
  { status: 200, body: { count: @count } }
end

event 'ruby', queue: { concurrency: 64 } do
  @mutex.synchronize { @count += 1 }
end
