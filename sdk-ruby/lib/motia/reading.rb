# frozen_string_literal: true

require 'motia/errors'

module Motia
  # Messages of the core, read on a thread of their own: waiting for the first one can end, and the others are acted on
  # right where they are read, which takes a change of threads less.
  class Reading
    ENDED = Object.new.freeze

    # When something was heard last.
    attr_reader :heard_s

    def initialize(connection)
      @events = Thread::Queue.new # messages of the handshake, what reading has raised, its end
      @actions = Thread::Queue.new
      @heard_s = Attempt.now
      @thread = Thread.new { read(connection) }
      @thread.report_on_exception = false
    end

    # A message of the handshake; nil when there is none in time.
    def next(seconds)
      timer = Thread.new { sleep(seconds) && @events.push(nil) }
      take
    ensure
      timer&.kill
    end

    # Have each message from here on acted on, until the core closes the stream. Raises what the block raised, or reading.
    def each(&block)
      @actions << block
      take
    end

    # Wait until the core closes the stream; nothing is acted on any more.
    def drain
      nil until @events.pop.equal?(ENDED)
    end

    # Nobody will act on anything.
    def abandon
      @actions << ->(_) {}
    end

    # End the waiting with an error.
    def fail(error)
      @events.push(error)
    end

    private

    def read(connection)
      connection.each do |message|
        @heard_s = Attempt.now
        @action ? act(message) : introduce(message)
      end
    rescue StandardError => e
      @events.push(e)
    ensure
      @events.push(ENDED)
    end

    # Of the handshake: the next message is read when this one has been welcome.
    def introduce(message)
      @events.push(message)
      @action = @actions.pop unless message.frames.empty?
    end

    def act(message)
      @action.call(message)
    rescue ProtocolViolation, SessionRefused => e
      @action = ->(_) {} # what comes after it is not acted on (ERROR-1)
      @events.push(e)
    end

    def take
      event = @events.pop
      raise event if event.is_a?(Exception)

      event.equal?(ENDED) ? nil : event
    end
  end
end
