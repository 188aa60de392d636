# frozen_string_literal: true

require 'motia/dialling'
require 'motia/heartbeat'
require 'motia/log_writer'
require 'motia/trust'

module Motia
  # Sessions with the core, over one connection after another: frames, liveness, reconnect.
  class Session
    CONNECT_S = 5.0 # for the first connection; later ones get the core's resume window
    LEAVING_REVISION = 2

    # dispatch: acts on frames, and knows whether the session can be resumed.
    def initialize(settings, runtime, worker, dispatch)
      @settings = settings
      @runtime = runtime
      @worker = worker
      @dispatch = dispatch
      @dialling = Dialling.new(settings, runtime.outbox)
      @leaving = false
    end

    # Serve until the core closes the session after a drain. ConnectionLost, SessionRefused, ProtocolViolation.
    def run
      begin_session(@settings.external? ? @dialling.dial_patiently : @dialling.dial('', CONNECT_S))
      loop do
        serve
        return
      rescue ConnectionLost => e
        go_on(e) or return
      end
    end

    # The process is to end: have the core drain it. False: there is no session, it does not know what that is, or the
    # process was told so before; so just go (REMOTE-11).
    def leave
      was_leaving = @leaving
      @leaving = true
      greeting = @greeting
      return false if was_leaving || greeting.nil? || greeting.welcome.revision < LEAVING_REVISION

      @runtime.outbox.send(Frames.leaving)
      true
    end

    private

    # After a lost connection: in the same session, or, for who is not launched, in a new one (RESUME-8). False: the process
    # is to end.
    def go_on(error)
      return false if @settings.external? && @dispatch.draining? # a Drain is the end (REMOTE-12)

      greeting = resumed(error)
      return resume_session(greeting) if greeting&.welcome&.resumed
      raise SessionRefused, 'the core has forgotten this session; it starts a new sidecar' unless @settings.external?

      @greeting = nil # from here on there is no session that leave() could ask to be drained
      return false if @leaving

      warn "motia: the core is gone (#{error.message}); attaching again" if greeting.nil?
      forget
      begin_session(greeting || @dialling.dial_patiently)
    end

    # Dial within the window; nil: it is over, or there is none, and somebody else keeps this process alive.
    def resumed(error)
      window_ms = @greeting.welcome.resume_window_ms
      can_resume = @dispatch.resumable? && window_ms.positive?
      return @dialling.dial(@greeting.welcome.session_id, window_ms / 1000.0) if can_resume
      raise error unless @settings.external?
    rescue ConnectionLost
      raise unless @settings.external?
    end

    def forget
      @dispatch.forget
      @worker.forget
      @runtime.calls.forget
      @runtime.ledger.forget
    end

    def begin_session(greeting)
      warn "motia: connected to the core at #{@settings.address}" if @settings.external?
      @runtime.welcome(greeting.welcome)
      @runtime.outbox.attach(greeting.writing) { [] }
      @greeting = greeting # not before: a Leaving must not be among what is dropped there
      @runtime.ledger.open(greeting.welcome.api_slots, greeting.welcome.background_slots)
      greeting.writing.start(greeting.welcome.max_message_bytes)
      true
    end

    # RESUME-4 to RESUME-7: what runs, what is not answered, what may not have arrived, and the totals of credit. Leaving may
    # not have arrived either.
    def resume_session(greeting)
      @greeting = greeting
      @runtime.outbox.attach(greeting.writing) do |unsent|
        calls = @runtime.calls.unanswered
        completes, credits = @runtime.ledger.resume_frames
        again = (calls + completes).to_h { |frame| [frame.object_id, true] }
        running = @worker.started_ids
        leaving = @leaving && unsent.none?(&:leaving)
        [*(Frames.accepted(running) unless running.empty?), *calls, *unsent.reject { |frame| again[frame.object_id] },
         *completes, *credits, *(Frames.leaving if leaving)]
      end
      greeting.writing.start(greeting.welcome.max_message_bytes)
      true
    end

    def serve
      messages = @greeting.messages
      heartbeat = Heartbeat.new(@greeting.welcome, @runtime, @worker, messages)
      logs = LogWriter.new(@greeting.connection, @greeting.welcome.session_id, @runtime.telemetry)
      @dispatch.frames(@greeting.early)
      messages.each { |message| @dispatch.frames(message.frames) }
      raise ConnectionLost, 'the core closed the stream' unless @dispatch.drained?
    rescue ProtocolViolation => e
      tell(e, messages)
      raise
    ensure
      heartbeat&.stop
      logs&.stop
      @runtime.outbox.detach
      @greeting.connection.close
    end

    # A rule is broken: say so as the last frame.
    def tell(error, messages)
      @runtime.outbox.close(Frames.protocol_error(error.code, error.message))
      messages.drain
    end
  end
end
