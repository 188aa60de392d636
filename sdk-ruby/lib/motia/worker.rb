# frozen_string_literal: true

require 'motia/attempt'
require 'motia/complete'
require 'motia/handling'
require 'motia/prints'
require 'motia/step'
require 'motia/threads'

module Motia
  # Runs attempts: Invokes come in, handlers run on threads, Completes go out.
  class Worker
    attr_accessor :steps, :hooks # by reference; by path and kind

    def initialize(runtime)
      @runtime = runtime
      @threads = Threads.new
      @steps = {}
      @hooks = {}
      @mutex = Mutex.new
      @idle = ConditionVariable.new
      @attempts = {}
    end

    # Take an Invoke. One that runs already was sent again after a reconnect (RESUME-6).
    def accept(invoke)
      attempt = Attempt.new(invoke, step_of(invoke))
      @mutex.synchronize do
        return if @attempts.key?(attempt.id) || @runtime.ledger.completed?(attempt.id)

        @attempts[attempt.id] = attempt
      end
      return refuse(attempt) unless attempt.step.run

      @threads.submit { run(attempt) }
    end

    def cancel(cancel)
      attempt = find(cancel.invocation_id) or return
      attempt.cancel(cancel.reason, cancel.signal_only)
      finish(attempt, Complete.interrupted(attempt, nil, 0)) if !cancel.signal_only && attempt.withdraw
    end

    # Pieces of a streamed body have gone on to the client.
    def acknowledge(ack)
      find(ack.invocation_id)&.stream&.acknowledge(ack.total_bytes)
    end

    # Take all attempts back that were not started; they are the core's again (DRAIN-1).
    def give_back
      @mutex.synchronize do
        returned = @attempts.values.select(&:withdraw)
        returned.each { |attempt| @attempts.delete(attempt.id) }
        @idle.broadcast if @attempts.empty?
        returned.map(&:id)
      end
    end

    # Wait until nothing runs, at most so long.
    def wait_idle(deadline)
      @mutex.synchronize do
        until @attempts.empty?
          left_s = deadline - Attempt.now
          return false unless left_s.positive?

          @idle.wait(@mutex, left_s)
        end
      end
      true
    end

    # The time of a drain is over: cancel everything, and end what does not stop.
    def abandon(seconds)
      running.each { |attempt| attempt.cancel(:CANCEL_REASON_SHUTDOWN, false) }
      return if wait_idle(Attempt.now + seconds)

      running.each { |attempt| end_attempt(attempt, Complete.interrupted(attempt, nil, attempt.handler_us)) }
    end

    # The session is over, and the process goes on: end what it ran, of which nobody wants to hear any more.
    def forget
      forgotten = @mutex.synchronize { @attempts.values.tap { @attempts = {} } }
      forgotten.each do |attempt|
        attempt.cancel(:CANCEL_REASON_SHUTDOWN, false)
        attempt.finish
      end
    end

    def in_flight
      @mutex.synchronize { @attempts.size }
    end

    # Ids of the attempts whose handlers have started.
    def started_ids
      running.select(&:started?).map(&:id)
    end

    private

    def step_of(invoke)
      if invoke.trigger == :stream
        @hooks[[invoke.step, invoke.stream.kind]]
      else
        @steps[invoke.step]
      end || Step.new(reference: invoke.step, flows: [])
    end

    def refuse(attempt)
      known = @steps.key?(attempt.invoke.step)
      reason = known ? 'has no handler: define `handler` in it' : 'is not loaded in this sidecar'
      attempt.withdraw
      finish(attempt, Complete.not_loaded(attempt, "#{attempt.step.reference} #{reason}"))
    end

    def find(id)
      @mutex.synchronize { @attempts[id] }
    end

    def running
      @mutex.synchronize { @attempts.values }
    end

    def run(attempt)
      return unless attempt.begin

      @runtime.outbox.start(attempt)
      frame = Prints.of(attempt) { Handling.new(attempt, @runtime).complete }
      end_attempt(attempt, frame)
    end

    def end_attempt(attempt, frame)
      finish(attempt, frame) if attempt.finish
    end

    def finish(attempt, frame)
      @runtime.ledger.finish(attempt, frame)
      @mutex.synchronize do
        @attempts.delete(attempt.id)
        @idle.broadcast if @attempts.empty?
      end
    end
  end
end
