# frozen_string_literal: true

require 'motia/frames'
require 'motia/heartbeat'
require 'motia/log_writer'
require 'motia/reading'
require 'motia/transport'
require 'motia/writing'

module Motia
  # One session with the core, over one connection after another: handshake, frames, liveness, reconnect.
  class Session
    REVISIONS = [1].freeze
    CAPABILITIES = %w[streamed-responses uploads sockets stream-hooks several-steps].freeze
    HANDSHAKE_S = 10.0
    CONNECT_S = 5.0 # for the first connection; later ones get the core's resume window
    PAUSES_S = [0, 0.05, 0.1, 0.2, 0.5, 1].freeze

    # dispatch: acts on frames; asked whether the session can be resumed.
    def initialize(settings, runtime, worker, dispatch)
      @settings = settings
      @runtime = runtime
      @worker = worker
      @dispatch = dispatch
      @welcome = V1::Welcome.new
    end

    # Serve until the core closes the session after a drain. ConnectionLost, SessionRefused, ProtocolViolation.
    def run
      connect('', CONNECT_S)
      loop do
        serve
        return
      rescue ConnectionLost
        raise unless @dispatch.resumable? && @welcome.resume_window_ms.positive?

        connect(@welcome.session_id, @welcome.resume_window_ms / 1000.0)
      end
    end

    private

    # Dial until a session is open.
    def connect(session_id, within_s)
      deadline = Attempt.now + within_s
      pauses = PAUSES_S.each
      begin
        open(session_id, [HANDSHAKE_S, deadline - Attempt.now].min)
      rescue ConnectionLost
        @connection&.close
        pause = begin
          pauses.next
        rescue StopIteration
          PAUSES_S.last
        end
        raise if Attempt.now + pause > deadline

        sleep(pause)
        retry
      end
    end

    def open(session_id, within_s)
      @connection = Connection.new(@settings)
      @writing = Writing.new(hello(session_id), @runtime.outbox)
      @connection.open(@writing)
      first, *@early = first_frames(within_s)
      case first&.frame
      when :welcome then accept(first.welcome, session_id)
      when :protocol_error then refused(first.protocol_error.message)
      else refuse(:PROTOCOL_ERROR_CODE_UNEXPECTED_FRAME, "#{first&.frame || 'nothing'} came before Welcome")
      end
    end

    # The first message of the core, read on the thread that reads all of them.
    def first_frames(within_s)
      @messages = Reading.new(@connection)
      deadline = Attempt.now + within_s
      loop do
        message = @messages.next([deadline - Attempt.now, 0].max)
        raise ConnectionLost, "the core did not answer Hello within #{within_s.round(1)} seconds" if message.nil?
        return message.frames.to_a unless message.frames.empty? # SHAPE-2
      end
    end

    def accept(welcome, session_id)
      unless REVISIONS.include?(welcome.revision)
        refuse(:PROTOCOL_ERROR_CODE_REVISION,
               "Welcome chose revision #{welcome.revision}, motia-ruby #{VERSION} speaks #{REVISIONS.join(', ')}")
      end
      refused('the core has forgotten this session; it starts a new sidecar') if !session_id.empty? && !welcome.resumed
      @welcome = welcome
      session_id.empty? ? begin_session : resume_session
      @writing.start(welcome.max_message_bytes)
    end

    def begin_session
      @runtime.welcome(@welcome)
      @runtime.outbox.attach(@writing)
      @runtime.ledger.open(@welcome.api_slots, @welcome.background_slots)
    end

    # RESUME-4 to RESUME-7: what runs, what is not answered, what may not have arrived, and the totals of credit.
    def resume_session
      @runtime.outbox.attach(@writing) do |unsent|
        calls = @runtime.calls.unanswered
        completes, credits = @runtime.ledger.resume_frames
        again = (calls + completes).to_h { |frame| [frame.object_id, true] }
        running = @worker.started_ids
        [*(Frames.accepted(running) unless running.empty?), *calls, *unsent.reject { |frame| again[frame.object_id] },
         *completes, *credits]
      end
    end

    def serve
      heartbeat = Heartbeat.new(@welcome, @runtime, @worker, @messages)
      logs = LogWriter.new(@connection, @welcome.session_id, @runtime.telemetry)
      @dispatch.frames(@early)
      @messages.each { |message| @dispatch.frames(message.frames) }
      raise ConnectionLost, 'the core closed the stream' unless @dispatch.drained?
    rescue ProtocolViolation => e
      tell(e)
      raise
    ensure
      heartbeat&.stop
      logs&.stop
      @runtime.outbox.detach
      @connection.close
    end

    # A rule is broken: say so as the last frame.
    def tell(error)
      @runtime.outbox.send(Frames.protocol_error(error.code, error.message))
      @runtime.outbox.close
      @messages.each { |_| nil }
    rescue ConnectionLost
      nil
    end

    def refuse(code, message)
      @writing.refuse(Frames.protocol_error(code, message))
      @writing.wait_finished
      raise ProtocolViolation.new(code, message)
    end

    def refused(message)
      @writing.stop
      raise SessionRefused, message
    end

    def hello(session_id)
      V1::SidecarFrame.new(
        hello: V1::Hello.new(
          token: @settings.token, revisions: REVISIONS, sdk_name: 'motia-ruby', sdk_version: VERSION,
          language: @settings.language, language_version: RUBY_VERSION, pid: ::Process.pid, capabilities: CAPABILITIES,
          resume_session_id: session_id
        )
      )
    end
  end
end
