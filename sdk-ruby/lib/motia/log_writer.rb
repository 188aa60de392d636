# frozen_string_literal: true

require 'motia/telemetry'

module Motia
  # Writes log records to the core for as long as a connection lives (TELEMETRY-1, RESUME-11).
  class LogWriter
    REOPEN_S = 1.0

    def initialize(connection, session_id, telemetry)
      @connection = connection
      @session_id = session_id
      @telemetry = telemetry
      @thread = Thread.new { write }
      @thread.report_on_exception = false
    end

    def stop
      @thread.kill
      @telemetry.attach(nil)
    end

    # What one stream writes; called by gRPC on a thread of its own.
    def each
      yield V1::TelemetryRequest.encode(V1::TelemetryRequest.new(session_id: @session_id))
      while (batch = @telemetry.take(self))
        yield V1::TelemetryRequest.encode(batch)
      end
    end

    private

    def write
      loop do
        @telemetry.attach(self)
        @connection.write_logs(self)
        @telemetry.ended
        sleep(REOPEN_S)
      end
    end
  end
end
