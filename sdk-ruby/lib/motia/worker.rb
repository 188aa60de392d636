# frozen_string_literal: true

require 'motia/attempt'
require 'motia/complete'
require 'motia/context'
require 'motia/hooks'
require 'motia/prints'
require 'motia/request'
require 'motia/response'
require 'motia/response_stream'
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
      frame = Prints.of(attempt) { outcome(attempt) }
      end_attempt(attempt, frame)
    end

    # Its Complete. Cancelled arrives while user code blocks, and nowhere else (CANCEL-2).
    def outcome(attempt)
      context = Context.new(attempt, @runtime)
      result = catch(Progress::SUSPENDED) do
        Thread.handle_interrupt(Cancelled => :on_blocking) { result_of(attempt, context) }
      end
      handler_us = attempt.handler_us
      flush(attempt)
      return Complete.interrupted(attempt, nil, handler_us) if attempt.interrupted?
      if (error = attempt.unnoticed_error)
        return Complete.failed(attempt, error, handler_us)
      end
      return Complete.frame(attempt, handler_us, suspended: attempt.suspension) if attempt.suspension

      Complete.frame(attempt, handler_us, **succeeded(attempt, result))
    rescue Exception => e # rubocop:disable Lint/RescueException -- boundary: whatever a handler raises is data
      handler_us ||= attempt.handler_us
      flush(attempt)
      if attempt.suspension && !attempt.interrupted? && e.is_a?(StandardError)
        Logger.new(attempt, @runtime).warn('raised while its attempt was being suspended; nothing comes of it', error: e)
        return Complete.frame(attempt, handler_us, suspended: attempt.suspension)
      end
      Complete.failed(attempt, e, handler_us)
    end

    def result_of(attempt, context)
      result = attempt.step.run.call(input_of(attempt.invoke), context)
      return result unless attempt.api? && !attempt.suspension

      socket = attempt.invoke.http.socket
      response = socket ? Response.of_socket(socket, result) : Response.of(result)
      return response unless response.has_body && ResponseStream.streamed?(response.body)
      raise BadResultError, 'an event of a WebSocket connection has one answer: send more with sockets.send' if socket

      ResponseStream.new(attempt, response, @runtime).run
      response
    end

    def input_of(invoke)
      invoke.trigger == :stream ? invoke.stream : Request.of(invoke)
    end

    def succeeded(attempt, result)
      case attempt.invoke.trigger
      when :http
        return { http: result.to_message(@runtime.max_payload_bytes) } unless attempt.stream

        { done: V1::Done.new }
      when :stream then { answer: V1::HookAnswer.new(value: Hooks.answer(attempt.invoke.stream, result)) }
      else { done: V1::Done.new }
      end
    end

    # Calls that the handler's threads have made and not waited for (INVOKE-5); after that there are no more, and nothing
    # interrupts this thread: what had no time to do so must not do it to the next attempt.
    def flush(attempt)
      attempt.flush
      attempt.close
      Thread.handle_interrupt(Cancelled => :immediate) { Thread.pass } if Thread.pending_interrupt?(Cancelled)
    rescue Cancelled
      retry
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
