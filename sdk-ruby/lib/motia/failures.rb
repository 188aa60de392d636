# frozen_string_literal: true

require 'motia/errors'
require 'motia/gen/messages'
require 'motia/payload'

module Motia
  # Exceptions as Failure messages: what a handler raised becomes data.
  module Failures
    SDK_FOLDER = File.expand_path('..', __dir__) + File::SEPARATOR
    SDK_FRAME = %r{\A(?:#{Regexp.escape(SDK_FOLDER)}|<internal:|/usr/lib/ruby/vendor_ruby/grpc/)}.freeze
    MAX_BYTES = 16 * 1024
    MAX_CAUSES = 8

    module_function

    # Describe an exception with its trimmed stack, its details and its causes.
    def of(error, kind: nil, message: nil, depth: 1)
      failure = V1::Failure.new(
        kind: kind || kind_of(error), type: error.class.name || 'Exception', language: 'ruby',
        message: safe_text(message || message(error), MAX_BYTES), stack: stack(error), details: details(error)
      )
      steer(failure, error)
      cause = error.cause
      failure.cause = of(cause, depth: depth + 1) if cause && !cause.equal?(error) && depth < MAX_CAUSES
      failure
    end

    # A failure without an exception.
    def plain(kind, message)
      V1::Failure.new(kind: kind, message: message, language: 'ruby')
    end

    # The exception's message; never raises.
    def message(error)
      return "handler called exit(#{error.status})" if error.is_a?(SystemExit)

      error.message.to_s
    rescue StandardError # boundary: it is user code
      '(its message raised)'
    end

    # Class, message and the lines of the user's files.
    def stack(error)
      lines = (error.backtrace || []).grep_v(SDK_FRAME).map { |line| "    from #{line}" }
      safe_text(["#{error.class}: #{message(error)}", *lines].join("\n"), MAX_BYTES)
    end

    # Valid UTF-8 of at most so many bytes; what is too much is cut from the middle.
    def safe_text(text, max_bytes)
      text = Payload.utf8(text)
      return text if text.bytesize <= max_bytes

      half = (max_bytes / 2) - 8
      "#{text.byteslice(0, half).scrub('')}\n…\n#{text.byteslice(-half, half).scrub('')}"
    end

    def kind_of(error)
      case error
      when PayloadTooLargeError then :FAILURE_KIND_PAYLOAD_TOO_LARGE
      when PayloadError then :FAILURE_KIND_SCHEMA
      when BadResultError then :FAILURE_KIND_BAD_RESULT
      else :FAILURE_KIND_APPLICATION
      end
    end

    def steer(failure, error)
      case error
      when TerminalError then failure.retry = :RETRY_NEVER
      when RetryableError
        failure.retry = :RETRY_AFTER
        # 0 says: as the policy does
        failure.retry_after_ms = [1, error.retry_after_ms].max unless error.retry_after_ms.nil?
      end
    end

    # What the exception's instance variables say, as far as they are JSON and there is room.
    def details(error)
      own = error.instance_variables.reject { |name| name.start_with?('@_', '@retry_after', '@__') }
      found = own.each_with_object({}) do |name, members|
        value = error.instance_variable_get(name)
        text = Payload.encode(value, name.to_s)
        members[name.to_s.delete_prefix('@')] = value if text.bytesize < MAX_BYTES / 8
      rescue PayloadError
        next
      end
      found.empty? ? '' : Payload.encode(found, 'details')
    end

    private_class_method :kind_of, :steer, :details
  end
end
