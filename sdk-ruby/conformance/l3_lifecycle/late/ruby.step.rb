# frozen_string_literal: true

require 'motia'

def config
  {
    type: 'event', name: 'late ruby', subscribes: ['late.ruby'],
    infrastructure: { handler: { timeout: 1 }, queue: { maxRetries: 0 } }
  }
end

def now
  Process.clock_gettime(Process::CLOCK_MONOTONIC)
end

def handler(_data, context)
  finish = now + 3
  while now < finish # whatever anybody says
    begin
      sleep([finish - now, 0].max)
    rescue Motia::Cancelled
      next
    end
  end
  entry = { what: 'late', attempt: context.attempt, pid: Process.pid, at: Time.now.to_f }
  context.state.set('journal-late-ruby', 'late', entry)
end
