# frozen_string_literal: true

require 'motia/gen/messages'

module Motia
  # Log records on their way to the core: bounded, dropped (and counted) rather than ever delaying work.
  class Telemetry
    MOST_RECORDS = 10_000
    BATCH_RECORDS = 200

    def initialize(most_records: MOST_RECORDS)
      @most_records = most_records
      @mutex = Mutex.new
      @ready = ConditionVariable.new
      @idle = ConditionVariable.new
      @records = []
      @dropped = 0
      @reader = nil
      @open = false # a stream is
      @finishing = false
    end

    # Queue a record, or drop it when the core does not keep up. Its time is that of its place: threads may log at once.
    def add(record)
      @mutex.synchronize do
        next @dropped += 1 if @records.size >= @most_records

        record.time_unix_ms = (Time.now.to_f * 1000).to_i
        @records << record
        @ready.signal
      end
    end

    # From here on this reader takes; a new stream counts its drops from zero.
    def attach(reader)
      @mutex.synchronize do
        @reader = reader
        @dropped = 0
        @open = !reader.nil?
        @ready.broadcast
      end
    end

    # Wait for records and take the oldest, as a message; nil: somebody else reads now.
    def take(reader)
      @mutex.synchronize do
        @ready.wait(@mutex) while @records.empty? && @reader.equal?(reader) && !@finishing
        return nil if @records.empty? || !@reader.equal?(reader)

        V1::TelemetryRequest.new(logs: @records.shift(BATCH_RECORDS), dropped: @dropped)
      end
    end

    # A stream has ended.
    def ended
      @mutex.synchronize do
        @open = false
        @idle.broadcast
      end
    end

    # Write everything and end the stream, so that the core has read it all; wait for that, at most so long.
    def finish(seconds)
      deadline = ::Process.clock_gettime(::Process::CLOCK_MONOTONIC) + seconds
      @mutex.synchronize do
        @finishing = true
        @ready.broadcast
        while @open
          left_s = deadline - ::Process.clock_gettime(::Process::CLOCK_MONOTONIC)
          return unless left_s.positive?

          @idle.wait(@mutex, left_s)
        end
      end
    end
  end
end
