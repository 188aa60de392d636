# frozen_string_literal: true

require 'motia/response'

module Motia
  # Sends a body piece by piece, as fast as its client takes it: of an Enumerator, or of an IO.
  class ResponseStream
    CHUNK_BYTES = 128 * 1024 # longest piece of one frame
    CONTENT_TYPES = {
      BODY_KIND_TEXT: 'text/plain; charset=utf-8', BODY_KIND_BINARY: 'application/octet-stream',
      BODY_KIND_JSON: 'application/x-ndjson'
    }.freeze

    # Whether a body is iterated lazily.
    def self.streamed?(body)
      body.is_a?(Enumerator) || body.is_a?(IO) || body.is_a?(StringIO)
    end

    def initialize(attempt, response, runtime)
      raise BadResultError, 'this core does not take bodies piece by piece: upgrade motia-core' unless runtime.streams_responses?

      @attempt = attempt
      @response = response
      @runtime = runtime
      @mutex = Mutex.new
      @changed = ConditionVariable.new
      @sent = @acknowledged = 0
      @started = @left = false
      attempt.stream = self
      attempt.on_cancel { leave }
      start(:BODY_KIND_BINARY) if content_type?
    end

    # Send everything. Returns early when the client leaves.
    def run
      pull do |piece|
        kind, data = Response.written(piece, 'a piece of the body')
        data << "\n" if kind == :BODY_KIND_JSON
        start(kind) unless @started
        return unless sent?(data)
      end
      start(:BODY_KIND_BINARY) unless @started
    rescue Cancelled
      raise unless @left && !@attempt.interrupted?
    ensure
      @response.body.close if @response.body.respond_to?(:close)
    end

    # So much has gone on to the client.
    def acknowledge(total)
      @mutex.synchronize do
        @acknowledged = total
        @changed.signal
      end
    end

    private

    # Ask the body for pieces. The client may leave meanwhile: then the body is interrupted where it blocks.
    def pull(&block)
      @mutex.synchronize { @pulling = Thread.current unless @left }
      each_piece(&block) if @pulling
    ensure
      @mutex.synchronize { @pulling = nil }
    end

    def each_piece(&block)
      return @response.body.each(&block) if @response.body.is_a?(Enumerator)

      while (block_of_bytes = @response.body.read(CHUNK_BYTES))
        yield block_of_bytes
      end
    end

    def sent?(data)
      0.step(data.bytesize - 1, CHUNK_BYTES) do |from|
        part = data.byteslice(from, CHUNK_BYTES)
        return false unless room?(part.bytesize)

        chunk = V1::ResponseChunk.new(**ids, data: part)
        @runtime.outbox.send(V1::SidecarFrame.new(response_chunk: chunk))
      end
      true
    end

    # Wait for room (STREAM-3); false: the client has left.
    def room?(bytes)
      @mutex.synchronize do
        until @left || @sent == @acknowledged || @sent - @acknowledged + bytes <= @runtime.chunk_window_bytes
          @changed.wait(@mutex)
        end
        @sent += bytes
        !@left
      end
    end

    def leave
      @mutex.synchronize do
        @left = true
        @pulling&.raise(Cancelled, 'the client has left')
        @changed.signal
      end
    end

    def start(kind)
      head = @response.head
      head.headers.push('content-type', CONTENT_TYPES[kind]) unless content_type?
      @started = true
      start = V1::ResponseStart.new(**ids, response: head)
      @runtime.ledger.free(@attempt, V1::SidecarFrame.new(response_start: start))
    end

    def content_type?
      @response.headers.each_slice(2).any? { |name, _| name.casecmp?('content-type') }
    end

    def ids
      { invocation_id: @attempt.id, lease_token: @attempt.invoke.lease_token }
    end
  end
end
