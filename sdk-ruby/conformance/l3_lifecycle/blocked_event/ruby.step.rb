# frozen_string_literal: true

require 'motia'

def config
  {
    type: 'event', name: 'block ruby', subscribes: ['block.ruby'],
    infrastructure: { handler: { timeout: 1 }, queue: { retryDelay: 0, visibilityTimeout: 4 } }
  }
end

def note(context, what)
  entry = { what: what, attempt: context.attempt, pid: Process.pid, at: Time.now.to_f }
  context.state.set('journal-block-ruby', "#{what} #{Process.clock_gettime(Process::CLOCK_REALTIME, :nanosecond)}", entry)
end

def handler(_data, context)
  first = context.state.get_group('journal-block-ruby').empty?
  note(context, 'start')
  Thread.handle_interrupt(Motia::Cancelled => :never) { sleep 60 } if first
  note(context, 'done')
end
