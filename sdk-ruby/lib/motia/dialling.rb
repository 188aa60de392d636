# frozen_string_literal: true

require 'motia/frames'
require 'motia/reading'
require 'motia/transport'
require 'motia/writing'

module Motia
  # Makes connections to one core, until one is welcome.
  class Dialling
    REVISIONS = [1, 2].freeze
    CAPABILITIES = %w[streamed-responses uploads sockets stream-hooks several-steps].freeze
    HANDSHAKE_S = 10.0
    PAUSES_S = [0, 0.05, 0.1, 0.2, 0.5, 1].freeze
    PATIENT_PAUSES_S = [0.1, 0.2, 0.5, 1, 2, 5].freeze # of who tries for ever
    REMIND_S = 60 # how often that says that the core cannot be reached

    # A connection on which the core has said Welcome; what it writes; what it reads, and the frames that came with Welcome.
    Greeting = Struct.new(:connection, :writing, :messages, :welcome, :early)

    def initialize(settings, outbox)
      @settings = settings
      @outbox = outbox
    end

    # Connect and shake hands, again and again until it works or the time is over.
    # ConnectionLost, SessionRefused, ProtocolViolation.
    def dial(session_id, within_s)
      deadline = Attempt.now + within_s
      attempt = 0
      begin
        once(session_id, [HANDSHAKE_S, deadline - Attempt.now].min)
      rescue ConnectionLost
        pause = PAUSES_S[attempt] || PAUSES_S.last
        raise if Attempt.now + pause > deadline

        sleep(pause)
        attempt += 1
        retry
      end
    end

    # The same for ever, and saying so.
    def dial_patiently
      attempt = 0
      told_s = -REMIND_S
      begin
        once('', HANDSHAKE_S)
      rescue ConnectionLost => e
        why = Trust.new(@settings).why if @settings.ca
        raise SessionRefused, why if why

        if Attempt.now - told_s > REMIND_S
          warn "motia: the core at #{@settings.address} cannot be reached (#{e.message[0, 200]}); trying until it can"
          told_s = Attempt.now
        end
        sleep(PATIENT_PAUSES_S[attempt] || PATIENT_PAUSES_S.last)
        attempt += 1
        retry
      end
    end

    private

    def once(session_id, within_s)
      connection = Connection.new(@settings)
      writing = Writing.new(hello(session_id), @outbox)
      connection.open(writing)
      messages = Reading.new(connection)
      first, *early = first_frames(messages, within_s)
      greeting = Greeting.new(connection, writing, messages, first.welcome, early)
      check(first, greeting)
      greeting
    rescue StandardError
      writing.stop
      messages&.abandon
      connection.close
      raise
    end

    # Those of the first message that has any (SHAPE-2).
    def first_frames(messages, within_s)
      deadline = Attempt.now + within_s
      loop do
        message = messages.next([deadline - Attempt.now, 0].max)
        raise ConnectionLost, "the core did not answer Hello within #{within_s.round(1)} seconds" if message.nil?
        return message.frames.to_a unless message.frames.empty?
      end
    end

    def check(first, greeting)
      raise SessionRefused, first.protocol_error.message if first.frame == :protocol_error

      unless first.frame == :welcome
        refuse(greeting, :PROTOCOL_ERROR_CODE_UNEXPECTED_FRAME, "#{first.frame || 'an unknown frame'} came before Welcome")
      end
      return if REVISIONS.include?(first.welcome.revision)

      refuse(greeting, :PROTOCOL_ERROR_CODE_REVISION,
             "Welcome chose revision #{first.welcome.revision}, motia-ruby #{VERSION} speaks #{REVISIONS.join(' and ')}")
    end

    def refuse(greeting, code, message)
      greeting.writing.refuse(Frames.protocol_error(code, message))
      greeting.writing.wait_finished
      raise ProtocolViolation.new(code, message)
    end

    def hello(session_id)
      V1::SidecarFrame.new(
        hello: V1::Hello.new(
          token: @settings.token, revisions: REVISIONS, sdk_name: 'motia-ruby', sdk_version: VERSION,
          language: @settings.language, language_version: RUBY_VERSION, pid: ::Process.pid, capabilities: CAPABILITIES,
          resume_session_id: session_id, name: @settings.name.to_s
        )
      )
    end
  end
end
