# frozen_string_literal: true

def config
  { type: 'event', name: 'wait ruby', subscribes: ['wait.ruby'], queue: { visibilityTimeout: 4 } }
end

def note(context, name, what)
  entry = { what: what, attempt: context.attempt, pid: Process.pid, at: Time.now.to_f }
  context.state.set("journal-#{name}-ruby", "#{what} #{Process.clock_gettime(Process::CLOCK_REALTIME, :nanosecond)}", entry)
end

def handler(data, context)
  note(context, data['name'], 'start')
  sleep(data.fetch('seconds', 2))
  note(context, data['name'], 'done')
end
