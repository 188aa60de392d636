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
      @writing = false
      @reader = nil
    end

    # Queue a record, or drop it when the core does not keep up.
    def add(record)
      @mutex.synchronize do
        next @dropped += 1 if @records.size >= @most_records

        @records << record
        @ready.signal
      end
    end

    # From here on this reader takes; a new stream counts its drops from zero.
    def attach(reader)
      @mutex.synchronize do
        @reader = reader
        @dropped = 0
        @writing = false
        @ready.broadcast
      end
    end

    # Wait for records and take the oldest, as a message; nil: somebody else reads now.
    def take(reader)
      @mutex.synchronize do
        @writing = false
        @idle.broadcast if @records.empty?
        @ready.wait(@mutex) while @records.empty? && @reader.equal?(reader)
        return nil unless @reader.equal?(reader)

        @writing = true
        V1::TelemetryRequest.new(logs: @records.shift(BATCH_RECORDS), dropped: @dropped)
      end
    end

    # Wait until everything has been written, at most so long.
    def flush(seconds)
      deadline = ::Process.clock_gettime(::Process::CLOCK_MONOTONIC) + seconds
      @mutex.synchronize do
        while @writing || !@records.empty?
          left_s = deadline - ::Process.clock_gettime(::Process::CLOCK_MONOTONIC)
          return unless left_s.positive?

          @idle.wait(@mutex, left_s)
        end
      end
    end
  end
end
