# frozen_string_literal: true

require 'motia/frames'

module Motia
  # Says every second that the sidecar lives, and notices when the core does not (LIVENESS-1, LIVENESS-8).
  class Heartbeat
    SILENCE_BEATS = 5 # heartbeats without any frame from the core, and
    SILENCE_S = 10.0 # at least this long: the connection is dead
    PAGE_BYTES = 4096

    def initialize(welcome, runtime, worker, messages)
      @interval_s = [welcome.heartbeat_interval_ms, 1].max / 1000.0
      @silence_s = [SILENCE_S, SILENCE_BEATS * @interval_s].max
      @runtime = runtime
      @worker = worker
      @messages = messages
      @thread = Thread.new { beat }
      @thread.priority = 3 # handlers that compute get in its way least
    end

    def stop
      @thread.kill
    end

    private

    def beat
      due_s = Attempt.now + @interval_s
      loop do
        sleep([due_s - Attempt.now, 0].max)
        late_ms = [((Attempt.now - due_s) * 1000).to_i, 0].max
        @runtime.outbox.send(frame(late_ms))
        if Attempt.now - @messages.heard_s > @silence_s
          return @messages.fail(ConnectionLost.new("nothing heard from the core for #{@silence_s} seconds"))
        end

        due_s = [due_s + @interval_s, Attempt.now].max
      end
    end

    def frame(late_ms)
      V1::SidecarFrame.new(
        heartbeat: V1::Heartbeat.new(sequence: @runtime.ledger.next_beat, loop_lag_ms: late_ms,
                                     memory_bytes: memory_bytes, in_flight: @worker.in_flight)
      )
    end

    def memory_bytes
      File.read('/proc/self/statm').split[1].to_i * PAGE_BYTES
    rescue SystemCallError # not Linux
      0
    end
  end
end
