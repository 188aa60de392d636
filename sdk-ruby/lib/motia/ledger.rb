# frozen_string_literal: true

require 'motia/frames'

module Motia
  # What the session owes and is owed: credit granted to the core, and Completes that it has not confirmed.
  class Ledger
    MOST_DOUBTFUL = 1000

    def initialize(outbox)
      @outbox = outbox
      @mutex = Mutex.new
      @settled = ConditionVariable.new
      @granted = {}
      @granting = true
      @unconfirmed = {} # durable Completes by id, until a CompleteAck (INVOKE-6)
      @doubtful = {} # others by id: sent, but perhaps not arrived (RESUME-4); with the heartbeat that follows them
      @beat = 0
    end

    # Grant the first credits.
    def open(api_slots, background_slots)
      @mutex.synchronize do
        @granted = { POOL_API: api_slots, POOL_BACKGROUND: background_slots }
        @outbox.send(*credits)
      end
    end

    # An attempt ended: its Complete leaves with the Credit for its slot.
    def finish(attempt, frame)
      @mutex.synchronize do
        keep(attempt, frame)
        @outbox.finish(attempt, [frame, *freed(attempt)])
      end
    end

    # Grant an attempt's slot though it goes on: it streams.
    def free(attempt, frame)
      @mutex.synchronize { @outbox.send(frame, *freed(attempt)) }
    end

    # The session is over, and with it all that is owed.
    def forget
      @mutex.synchronize do
        @granted = {}
        @unconfirmed = {}
        @doubtful = {}
        @beat = 0
      end
    end

    def stop_granting
      @mutex.synchronize { @granting = false }
    end

    # The core has these durable Completes.
    def confirm(ids)
      @mutex.synchronize do
        ids.each { |id| @unconfirmed.delete(id) }
        @settled.broadcast if @unconfirmed.empty?
      end
    end

    # Which heartbeat comes next: when it is answered, what was sent before it has arrived.
    def next_beat
      @mutex.synchronize { @beat += 1 }
    end

    def beat_arrived(sequence)
      @mutex.synchronize { @doubtful.reject! { |_, (_, beat)| beat < sequence } }
    end

    # Whether an invocation was completed, as far as that is still known.
    def completed?(id)
      @mutex.synchronize { @unconfirmed.key?(id) || @doubtful.key?(id) }
    end

    # Wait until every durable Complete is confirmed, at most so long.
    def wait_settled(deadline)
      @mutex.synchronize do
        until @unconfirmed.empty?
          left_s = deadline - ::Process.clock_gettime(::Process::CLOCK_MONOTONIC)
          return false unless left_s.positive?

          @settled.wait(@mutex, left_s)
        end
      end
      true
    end

    # What a resumed session has to hear of this again.
    def resume_frames
      @mutex.synchronize { [@doubtful.values.map(&:first) + @unconfirmed.values, credits] }
    end

    private

    def keep(attempt, frame)
      if attempt.invoke.durable
        @unconfirmed[attempt.id] = frame
      else
        @doubtful[attempt.id] = [frame, @beat]
        @doubtful.shift if @doubtful.size > MOST_DOUBTFUL
      end
    end

    def freed(attempt)
      return [] if !@granting || attempt.slot_free

      attempt.slot_free = true
      pool = attempt.invoke.pool
      @granted[pool] = @granted.fetch(pool, 0) + 1
      [Frames.credit(pool, @granted[pool])]
    end

    def credits
      @granted.map { |pool, granted| Frames.credit(pool, granted) }
    end
  end
end
