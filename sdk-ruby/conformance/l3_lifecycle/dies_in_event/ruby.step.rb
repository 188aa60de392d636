# frozen_string_literal: true

def config
  { type: 'event', name: 'die ruby', subscribes: ['die.ruby'] }
end

def note(context, what)
  entry = { what: what, attempt: context.attempt, pid: Process.pid, at: Time.now.to_f }
  context.state.set('journal-die-ruby', "#{what} #{Process.clock_gettime(Process::CLOCK_REALTIME, :nanosecond)}", entry)
end

def handler(_data, context)
  first = context.state.get_group('journal-die-ruby').empty?
  note(context, 'start')
  Process.kill('KILL', Process.pid) if first # what the kernel does to who takes too much memory
  note(context, 'done')
end
