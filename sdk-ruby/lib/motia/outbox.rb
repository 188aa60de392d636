# frozen_string_literal: true

module Motia
  # The way from any thread to the writer: what accumulates is taken in one go (SHAPE-4).
  class Outbox
    ACCEPT_S = 0.005 # until an attempt that says nothing is accepted

    def initialize
      @mutex = Mutex.new
      @ready = ConditionVariable.new
      @frames = []
      @started = {} # attempts whose start the core does not know of, and when they started
      @reader = nil
      @closed = false
    end

    # Send frames, in order, in one message.
    def send(*frames)
      @mutex.synchronize do
        next if @closed

        @frames.concat(frames)
        @ready.signal
      end
    end

    # Note that an attempt's handler is running. Often it has ended before anybody had to be told.
    def start(attempt)
      @mutex.synchronize do
        @started[attempt] = now
        @ready.signal if @started.size == 1
      end
    end

    # An attempt has ended: its Complete, and what else goes with it.
    def finish(attempt, frames)
      @mutex.synchronize do
        @started.delete(attempt)
        @frames.concat(frames)
        @ready.signal
      end
    end

    # Nothing is sent after what is there and these frames.
    def close(*last)
      @mutex.synchronize do
        @frames.concat(last)
        @closed = true
        @ready.broadcast
      end
    end

    # Wait for frames and take all of them; nil: there will be no more for this reader.
    def take(reader)
      @mutex.synchronize do
        loop do
          return nil unless @reader.equal?(reader)
          return taken if !@frames.empty? || accepting?
          return nil if @closed

          @ready.wait(@mutex, @started.empty? ? nil : [@started.first.last + ACCEPT_S - now, 0.0005].max)
        end
      end
    end

    # From here on this reader takes, and no other. What is not sent yet passes through the block, which says what is sent
    # first instead of it.
    def attach(reader)
      @mutex.synchronize do
        @reader = reader
        @started.clear if block_given? # the block accepts all of them
        @frames = yield @frames if block_given?
        @ready.broadcast
      end
    end

    # Nobody takes until the next one is attached.
    def detach
      attach(nil)
    end

    private

    def accepting?
      !@started.empty? && now >= @started.first.last + ACCEPT_S
    end

    def taken
      frames = @frames
      @frames = []
      unless @started.empty?
        frames.unshift(Frames.accepted(@started.keys.map(&:id)))
        @started.clear
      end
      frames
    end

    def now
      ::Process.clock_gettime(::Process::CLOCK_MONOTONIC)
    end
  end
end
