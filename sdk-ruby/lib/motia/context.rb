# frozen_string_literal: true

require 'motia/caller'
require 'motia/emit_options'
require 'motia/logger'
require 'motia/progress'
require 'motia/signal'
require 'motia/sockets'
require 'motia/state'
require 'motia/streams'

module Motia
  # What a handler can do and know besides its input. Calls block until the core has answered.
  class Context
    attr_reader :state, :streams, :sockets, :logger, :signal

    # Which trigger started a step that has several (Motia 1.0); nil for others.
    attr_accessor :trigger

    def initialize(attempt, runtime)
      @attempt = attempt
      @caller = Caller.new(attempt, runtime)
      @state = State.new(@caller)
      @streams = Streams.new(@caller)
      @sockets = Sockets.new(@caller)
      @logger = Logger.new(attempt, runtime)
      @signal = Signal.new(attempt)
      @progress = Progress.new(@caller)
    end

    # The same through a whole chain of events.
    def trace_id
      @attempt.invoke.trace_id
    end
    alias traceId trace_id

    # W3C: the trace and the span of this attempt, for requests that the handler sends elsewhere.
    def traceparent
      @attempt.invoke.traceparent
    end

    # The flows that the step's config names.
    def flows
      @attempt.step.flows
    end

    # 1 for the first try.
    def attempt
      @attempt.invoke.attempt
    end

    # How many tries the step's retry policy allows.
    def max_attempts
      @attempt.invoke.max_attempts
    end
    alias maxAttempts max_attempts

    # When the attempt's time is over, as a Time; nil: its step sets no limit.
    def deadline
      ms = @attempt.invoke.timeout_ms
      Time.now + (ms / 1000.0) - (Attempt.now - @attempt.received_s) if ms.positive?
    end

    # Publish an event: `emit(topic: 'order.created', data: order)`, or the same as a Hash. It is durable on return.
    # Further keys, in camelCase or snake_case: messageGroupId, delay, at, idempotencyKey, idempotencyWindow, priority.
    # Without a topic the core warns and drops the event. ArgumentError: an option makes no sense.
    def emit(event = {}, **fields)
      event = Record.new.update(event.is_a?(Hash) ? event : {}, fields)
      operation = V1::Emit.new
      operation.topic = event['topic'].to_s
      operation.data = @caller.payload(event['data'], 'data') if event.key?('data')
      EmitOptions.fill(operation, event) if event.size > 2 || !event.key?('data')
      @caller.send_call(:emit, operation)
      nil
    end

    # See Progress.
    def run(key, &block)
      @progress.run(key, &block)
    end

    def sleep(duration, key: nil)
      @progress.sleep(duration, key)
    end

    def wait_for(topic, match = nil, timeout: nil, key: nil)
      @progress.wait_for(topic, match, timeout, key)
    end
    alias waitFor wait_for

    # For steps with triggers (Motia 1.0): call the one for what started the step. Each is a lambda that gets the input.
    def match(input, handlers)
      kind = @trigger['type']
      names = kind == 'http' ? %i[http api default] : [kind.to_sym, :default]
      found = names.filter_map { |name| handlers[name] }.first
      raise Error, "match has no handler for #{kind} and no default; there are: #{handlers.keys.join(', ')}" if found.nil?

      found.arity.zero? ? found.call : found.call(input)
    end
  end
end
