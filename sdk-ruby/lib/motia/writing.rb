# frozen_string_literal: true

require 'motia/gen/messages'

module Motia
  # What one connection writes: Hello alone, and once the core has welcomed it everything that the outbox has.
  class Writing
    def initialize(hello, outbox)
      @hello = hello
      @outbox = outbox
      @welcome = Thread::Queue.new
      @max_bytes = 0
      @finished = Thread::Queue.new
    end

    # The core has accepted: frames may follow.
    def start(max_bytes)
      @max_bytes = max_bytes
      @welcome << true
    end

    # Whatever is still to come, this connection does not write it.
    def stop
      @welcome << false
    end

    # Send these and nothing after them.
    def refuse(frame)
      @welcome << frame
    end

    # Called by gRPC on a thread of its own.
    def each(&block)
      yield V1::SessionRequest.encode(V1::SessionRequest.new(frames: [@hello]))
      case (answer = @welcome.pop)
      when true then write_all(&block)
      when V1::SidecarFrame then write([answer], &block)
      end
    ensure
      @finished << true
    end

    # Wait until everything is written.
    def wait_finished
      @finished.pop
    end

    private

    def write_all(&block)
      while (frames = @outbox.take(self))
        write(frames, &block)
      end
    end

    # As few messages as the core's limit allows (LIMIT-1).
    def write(frames, &block)
      bytes = V1::SessionRequest.encode(V1::SessionRequest.new(frames: frames))
      return yield bytes if @max_bytes.zero? || bytes.bytesize <= @max_bytes || frames.size < 2

      half = frames.size / 2
      write(frames.first(half), &block)
      write(frames.drop(half), &block)
    end
  end
end
