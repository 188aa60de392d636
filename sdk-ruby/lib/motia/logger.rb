# frozen_string_literal: true

require 'motia/failures'
require 'motia/payload'

module Motia
  # `context.logger`: structured logs that never raise and never wait.
  class Logger
    LEVELS = { 'debug' => 1, 'info' => 2, 'warn' => 3, 'warning' => 3, 'error' => 4, 'critical' => 5 }.freeze
    MAX_MESSAGE_BYTES = 64 * 1024
    MAX_FIELDS_BYTES = 256 * 1024
    MAX_DEPTH = 20

    # The least level that is recorded, from LOG_LEVEL.
    def self.level_of(name)
      LEVELS.fetch((name || 'info').strip.downcase, LEVELS['info'])
    end

    def initialize(attempt, runtime)
      @attempt = attempt
      @runtime = runtime
    end

    # The second argument is a Hash of fields; anything else becomes `{"data": …}`. A block gives the message, when it is
    # recorded.
    def debug(message = nil, args = nil, **fields, &block)
      record(1, message, args, fields, block)
    end

    def info(message = nil, args = nil, **fields, &block)
      record(2, message, args, fields, block)
    end

    def warn(message = nil, args = nil, **fields, &block)
      record(3, message, args, fields, block)
    end
    alias warning warn

    # Exceptions among the fields are written with message and stack.
    def error(message = nil, args = nil, **fields, &block)
      record(4, message, args, fields, block)
    end

    private

    def record(level, message, args, fields, block)
      return if level < @runtime.log_level

      message = block.call if message.nil? && block
      @runtime.telemetry.add(
        V1::LogRecord.new(
          invocation_id: @attempt.id, level: level,
          message: Failures.safe_text(message.to_s, MAX_MESSAGE_BYTES), fields: fields_of(args, fields),
          step: @attempt.step.reference, trace_id: @attempt.invoke.trace_id
        )
      )
    rescue StandardError => e # boundary: a log line must never fail the handler
      $stderr.puts("motia: a log line could not be recorded: #{e.message}")
    end

    def fields_of(args, fields)
      given = args.is_a?(Hash) ? args.to_h.merge(fields) : fields
      given = { data: args }.merge(fields) unless args.nil? || args.is_a?(Hash)
      return '' if given.empty?

      text = json(given)
      text.bytesize <= MAX_FIELDS_BYTES ? text : %({"truncated":"#{text.bytesize} bytes of fields"})
    end

    def json(fields)
      Payload.encode(fields, 'fields')
    rescue StandardError # what is no JSON is written as text (TELEMETRY-4)
      Payload.encode(tame(fields, 0), 'fields')
    end

    def tame(value, depth)
      return '…' if depth > MAX_DEPTH

      case value
      when nil, true, false, Integer then value
      when Float then value.finite? ? value : value.to_s
      when String, Symbol then Failures.safe_text(value.to_s, MAX_MESSAGE_BYTES)
      when Exception then { name: value.class.name, message: Failures.message(value), stack: Failures.stack(value) }
      when Hash then value.to_h { |key, item| [key.to_s, tame(item, depth + 1)] }
      when Array then value.map { |item| tame(item, depth + 1) }
      else
        value.respond_to?(:to_h) ? tame(value.to_h, depth + 1) : Failures.safe_text(value.inspect, MAX_MESSAGE_BYTES)
      end
    end
  end
end
