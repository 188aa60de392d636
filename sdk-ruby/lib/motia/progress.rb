# frozen_string_literal: true

require 'motia/durations'

module Motia
  # What an attempt has from earlier ones of its delivery, what it remembers for later ones, and where it waits.
  class Progress
    SUSPENDED = :motia_suspended # what unwinds a handler that waits: a throw, which no rescue stops

    def initialize(caller)
      @caller = caller
      @attempt = caller.attempt
      @mutex = Mutex.new
      @known = @attempt.invoke.remembered.to_h { |one| [one.key, one.value] }
      @running = {}
      @counts = Hash.new(0)
    end

    # Call the block once for this event: later attempts get what it returned instead, under the same key. The result is
    # handed on as JSON has it. In api steps, whose attempts are never repeated, it just runs.
    def run(key, &block)
      raise ArgumentError, "run(#{key.inspect}) has no block: run(#{key.inspect}) { … }" unless block

      key = name_of(key)
      Calls.refuse_closed(@attempt, 'run') if @attempt.closed?
      known = @mutex.synchronize { @known[key] || (start(key) && nil) }
      return decoded(known) if known

      begin
        remember(key, Calls.within_run(&block))
      ensure
        @mutex.synchronize { @running.delete(key) }
      end
    end

    # Pause without holding a process: the handler is called again from its start when the time is over.
    def sleep(duration, key)
      check_suspendable('sleep')
      wait(V1::Suspended.new(key: wait_key('sleep', key), sleep_ms: Durations.milliseconds(duration, 'duration')))
    end

    # Wait for an event as `sleep` waits for a time. Returns its data; nil when there was none in time.
    def wait_for(topic, match, timeout, key)
      check_suspendable('wait_for')
      unless topic.is_a?(String) && !topic.empty?
        raise ArgumentError, "wait_for needs the topic of the event, a text; it got #{topic.inspect}"
      end
      raise ArgumentError, "match is a #{match.class}: give a Hash of what the event's data must have" unless
        match.nil? || match.is_a?(Hash)

      until_event = V1::WaitFor.new(topic: topic)
      until_event.match = @caller.payload(match, 'match') unless match.nil?
      until_event.timeout_ms = Durations.positive(timeout, 'timeout') unless timeout.nil?
      wait(V1::Suspended.new(key: wait_key('wait', key), wait_for: until_event))
    end

    private

    def start(key)
      if @running[key]
        raise ArgumentError, "run(#{key.inspect}) is still under way: what runs at the same time needs keys of its own"
      end

      @running[key] = true
    end

    def remember(key, result)
      text = @caller.payload(result, "the result of run(#{key.inspect})")
      @caller.text(:remember, key: key, value: text) unless @attempt.api?
      @mutex.synchronize { @known[key] = text }
      decoded(text)
    end

    def wait(suspended)
      known = @mutex.synchronize { @known[suspended.key] }
      return decoded(known) if known

      @attempt.suspension = suspended
      throw SUSPENDED
    end

    def check_suspendable(operation)
      Calls.refuse_closed(@attempt, operation) if @attempt.closed?
      return unless @attempt.api?

      raise NotSuspendableError, "#{operation} is not possible in the api step #{@attempt.step.reference}: somebody waits " \
                                 "for its response. Emit an event, and call #{operation} in the event step that subscribes to it"
    end

    def wait_key(kind, key)
      return name_of(key) unless key.nil?

      @mutex.synchronize { "#{kind}:#{@counts[kind] += 1}" }
    end

    def name_of(key)
      text = key.to_s
      raise ArgumentError, 'key is empty: give it a name, unique within the step' if text.empty?

      text
    end

    def decoded(text)
      Payload.decode(text, 'what was remembered')
    end
  end
end
