# frozen_string_literal: true

require 'motia/durations'

# The exceptions of the SDK: two that handlers raise to steer retries, and those that handlers may meet.
module Motia
  # Root of everything that the SDK raises.
  class Error < StandardError; end

  # Raise it when trying again is useless: the event goes to the dead letters at once.
  class TerminalError < Error; end

  # Raise it when trying again may help, to say when: `raise Motia::RetryableError.new('busy', retry_after: '30s')`.
  class RetryableError < Error
    # Milliseconds to wait before the next attempt; nil: as the step's retry policy says.
    attr_reader :retry_after_ms

    def initialize(message = nil, retry_after: nil)
      super(message)
      is_over = retry_after.is_a?(Numeric) && retry_after.negative? # a time of the past, less the present
      @retry_after_ms = is_over ? 0 : Durations.milliseconds(retry_after, 'retry_after') unless retry_after.nil?
    end
  end

  # The core could not do what a context call asked; nothing of the call took effect.
  class CallError < Error
    # What kind of failure it is, for example "schema"; and the name of the error in the core, when it has one.
    attr_reader :kind, :type

    def initialize(message, kind: 'internal', type: '')
      super(message)
      @kind = kind
      @type = type
    end
  end

  # The context was used after its attempt had ended.
  class ContextClosedError < Error; end

  # An api step cannot sleep or wait for an event: somebody waits for its response.
  class NotSuspendableError < Error; end

  # A block of `run` in an atomic step emits or writes: its result would be remembered, what it did would not.
  class WriteInRunError < Error; end

  # A value cannot be written as JSON, or what arrived cannot be read. The message names the place.
  class PayloadError < Error; end

  # A body, an event's data or a stored value is over the core's limit.
  class PayloadTooLargeError < PayloadError; end

  # An api handler returned nothing, or something that is no response.
  class BadResultError < Error; end

  # A step file was loaded and has no usable config.
  class ConfigError < Error; end

  # Raised in a handler where it blocks, when its attempt is cancelled. No StandardError: `rescue => e` lets it through.
  class Cancelled < Exception; end # rubocop:disable Lint/InheritException

  # The stream to the core broke. Handled inside the sidecar.
  class ConnectionLost < Error; end

  # The core ended the session with a ProtocolError; its text says what to do.
  class SessionRefused < Error; end

  # The core broke a rule of the protocol. `code` is a ProtocolErrorCode.
  class ProtocolViolation < Error
    attr_reader :code

    def initialize(code, message)
      super(message)
      @code = code
    end
  end

  # The files here are not those of the core. Nobody has broken a rule; but this sidecar is of no use.
  class FilesDiffer < ProtocolViolation; end
end
