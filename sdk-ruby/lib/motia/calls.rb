# frozen_string_literal: true

require 'motia/errors'
require 'motia/gen/messages'

module Motia
  # Context calls on the way: a Call goes out, and the thread that made it blocks until the CallReply is there.
  class Calls
    HELD_BACK = %i[emit state_set state_delete state_clear state_update state_compare_and_set stream_set stream_delete
                   stream_update stream_send].freeze
    MOST_IDS = 2**32

    # One call, and the thread that waits for its reply.
    Pending = Struct.new(:frame, :reply, :attempt, :thread)

    def initialize(outbox)
      @outbox = outbox
      @mutex = Mutex.new
      @last_id = 0
      @pending = {}
    end

    # Make a call; returns the JSON text of the reply. CallError: the core could not do it.
    def call(attempt, operation, message)
      Calls.refuse_closed(attempt, operation) if attempt.closed?
      Calls.refuse_write(attempt, operation) if attempt.step.atomic && HELD_BACK.include?(operation) && Calls.within_run?
      attempt.call_opened
      reply = Thread::Queue.new
      send_call(attempt, operation, message, reply)
      result = reply.pop
      raise result if result.is_a?(Exception)

      result
    end

    # A reply has come; one that nobody waits for is ignored (CALL-2).
    def settle(reply)
      pending = @mutex.synchronize { @pending.delete(reply.call_id) } or return
      result = reply.result == :failure ? Calls.error(reply.failure) : reply.value
      pending.reply << result
      pending.attempt.call_settled(pending.thread, result)
    end

    # Frames to send again after a reconnect (RESUME-5).
    def unanswered
      @mutex.synchronize { @pending.values.map(&:frame) }
    end

    # The session is over: nobody answers any more.
    def forget
      forgotten = @mutex.synchronize { @pending.values.tap { @pending = {} } }
      forgotten.each do |pending|
        error = ContextClosedError.new('the core has forgotten the attempt')
        pending.reply << error
        pending.attempt.call_settled(pending.thread, error)
      end
    end

    def self.within_run?
      Thread.current.thread_variable_get(:motia_within_run)
    end

    def self.within_run
      before = within_run?
      Thread.current.thread_variable_set(:motia_within_run, true)
      yield
    ensure
      Thread.current.thread_variable_set(:motia_within_run, before)
    end

    def self.refuse_closed(attempt, operation)
      raise ContextClosedError, "the attempt of #{attempt.step.reference} has ended, so #{operation} is not possible any " \
                                'more: wait for your threads before the handler returns'
    end

    def self.refuse_write(attempt, operation)
      raise WriteInRunError, "#{operation} within run of #{attempt.step.reference}, which is atomic: a later attempt would " \
                             'remember the result of run without what it did. Emit and write outside of run'
    end

    def self.error(failure)
      kind = failure.kind.to_s.delete_prefix('FAILURE_KIND_').downcase
      message = failure.message.empty? ? 'the core could not do this' : failure.message
      CallError.new(message, kind: kind, type: failure.type)
    end

    private

    def send_call(attempt, operation, message, reply)
      @mutex.synchronize do # the order of the ids is that of the frames
        @last_id = (@last_id + 1) % MOST_IDS
        call = V1::Call.new(call_id: @last_id, invocation_id: attempt.id, lease_token: attempt.invoke.lease_token,
                            operation => message)
        frame = V1::SidecarFrame.new(call: call)
        @pending[@last_id] = Pending.new(frame, reply, attempt, Thread.current)
        @outbox.send(frame)
      end
    end
  end
end
