# frozen_string_literal: true

require 'motia/errors'

module Motia
  # Messages of the core, read on a thread of their own, so that waiting for one can end.
  class Reading
    ENDED = Object.new.freeze

    # When something was heard last.
    attr_reader :heard_s

    def initialize(connection)
      @messages = Thread::SizedQueue.new(16)
      @heard_s = Attempt.now
      @thread = Thread.new { read(connection) }
      @thread.report_on_exception = false
    end

    # The first message; nil when there is none in time.
    def next(seconds)
      timer = Thread.new { sleep(seconds) && @messages.push(nil) }
      take
    ensure
      timer&.kill
    end

    # Yields each message, until the core closes the stream. Raises what reading raised.
    def each
      while (message = take)
        yield message
      end
    end

    # End the waiting with an error.
    def fail(error)
      @messages.push(error)
    end

    private

    def read(connection)
      connection.each do |message|
        @heard_s = Attempt.now
        @messages.push(message)
      end
      @messages.push(ENDED)
    rescue StandardError => e
      @messages.push(e)
    end

    def take
      message = @messages.pop
      raise message if message.is_a?(Exception)

      message.equal?(ENDED) ? nil : message
    end
  end
end
