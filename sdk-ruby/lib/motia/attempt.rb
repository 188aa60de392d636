# frozen_string_literal: true

require 'motia/errors'

module Motia
  # One attempt of a step: from its Invoke until its Complete.
  class Attempt
    REASONS = {
      CANCEL_REASON_TIMEOUT: 'timeout', CANCEL_REASON_CLIENT_GONE: 'client_gone',
      CANCEL_REASON_USER: 'user', CANCEL_REASON_SHUTDOWN: 'shutdown'
    }.freeze

    LOOK_S = 0.05 # what a thread gets to deal with the failure of a call

    attr_reader :invoke, :step, :id, :received_s, :cancel_reason
    attr_accessor :slot_free, :stream, :suspension, :thread

    def initialize(invoke, step)
      @invoke = invoke
      @id = invoke.invocation_id
      @step = step
      @received_s = Attempt.now
      @mutex = Mutex.new
      @changed = ConditionVariable.new
      @state = :waiting # then :running, :closed, :ended
      @open_calls = 0
      @failed_calls = []
      @interrupted = false
      @on_cancel = []
    end

    def self.now
      ::Process.clock_gettime(::Process::CLOCK_MONOTONIC)
    end

    def api?
      @invoke.trigger == :http
    end

    # Claim it for its handler; false when it was returned or cancelled meanwhile.
    def begin
      @mutex.synchronize do
        return false unless @state == :waiting

        @state = :running
        @started_s = Attempt.now
        @thread = Thread.current
        true
      end
    end

    # Take it back before it has started; false when it is too late.
    def withdraw
      @mutex.synchronize { @state == :waiting && (@state = :ended) && true }
    end

    # Claim the right to send its Complete; false when somebody else has done so.
    def finish
      @mutex.synchronize { @state != :ended && (@state = :ended) && true }
    end

    # Whether its outcome is settled.
    def ended?
      @mutex.synchronize { @state == :ended }
    end

    def started?
      @mutex.synchronize { @started_s && @state != :ended }
    end

    # No more calls.
    def close
      @mutex.synchronize { @state = :closed if @state == :running }
    end

    def closed?
      @mutex.synchronize { @state != :running }
    end

    def handler_us
      @started_s ? ((Attempt.now - @started_s) * 1_000_000).to_i : 0
    end

    # Calls on the way.

    def call_opened
      @mutex.synchronize { @open_calls += 1 }
    end

    def call_settled(thread, result)
      @mutex.synchronize do
        @open_calls -= 1
        @failed_calls << [thread, result] if result.is_a?(Exception) && !thread.equal?(@thread)
        @changed.broadcast if @open_calls.zero?
      end
    end

    # Wait for the calls that threads of the handler have made (INVOKE-5), and for those that it was interrupted in.
    def flush
      @mutex.synchronize { @changed.wait(@mutex) until @open_calls.zero? }
    end

    # The failure of a call that a thread of the handler has ended with: nobody has looked at it. nil: there is none.
    def unnoticed_error
      @failed_calls.each do |thread, error|
        thread.join(LOOK_S)
      rescue Exception => e # rubocop:disable Lint/RescueException -- it is what the thread has ended with
        return error if e.equal?(error)
      end
      nil
    end

    # Cancelling.

    def cancelled?
      !@cancel_reason.nil?
    end

    def interrupted?
      @interrupted
    end

    def reason
      REASONS.fetch(@cancel_reason, 'user') if @cancel_reason
    end

    # Have a block called when it is cancelled; at once when it is already.
    def on_cancel(&block)
      @mutex.synchronize { @on_cancel << block unless @cancel_reason }
      block.call if @cancel_reason
    end

    # Fire the signal; unless that is all, the handler is interrupted where it blocks.
    def cancel(reason, signal_only)
      blocks = @mutex.synchronize do
        @cancel_reason ||= reason
        is_new = !signal_only && !@interrupted
        @interrupted ||= !signal_only
        @changed.broadcast
        # Within the mutex: the thread may not be somebody else's by now.
        @thread.raise(Cancelled, "cancelled: #{self.reason}") if is_new && @state == :running
        @on_cancel.slice!(0..)
      end
      blocks.each(&:call)
    end
  end
end
