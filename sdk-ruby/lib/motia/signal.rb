# frozen_string_literal: true

module Motia
  # `context.signal`: tells when the attempt is to stop.
  class Signal
    def initialize(attempt)
      @attempt = attempt
    end

    # Whether it is to stop.
    def cancelled?
      @attempt.cancelled?
    end
    alias aborted? cancelled?

    # "timeout", "client_gone", "user" or "shutdown"; nil while it may go on.
    def reason
      @attempt.reason
    end

    # Call a block when it is to stop, on another thread; at once when it is already.
    def on_cancel(&block)
      @attempt.on_cancel(&block)
      self
    end

    # Raise Motia::Cancelled when it is to stop: for loops that compute and never block.
    def check!
      raise Cancelled, "cancelled: #{reason}" if cancelled?
    end

    # Wait until it is to stop, at most so many seconds; whether it is.
    def wait(seconds = nil)
      woken = Thread::Queue.new
      on_cancel { woken << true }
      timer = seconds && Thread.new { sleep(seconds) && woken << true }
      woken.pop
      cancelled?
    ensure
      timer&.kill
    end
  end
end
