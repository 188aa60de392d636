# frozen_string_literal: true

require 'time'

module Motia
  # Durations and times as handlers write them: seconds and texts such as "30s"; Times and ISO 8601.
  module Durations
    UNITS_MS = { 'ms' => 1, 's' => 1_000, 'm' => 60_000, 'h' => 3_600_000, 'd' => 86_400_000 }.freeze
    MAX_MS = 36_500 * UNITS_MS['d']
    MAX_UNIX_MS = 253_402_300_800_000 # the year 10,000; seconds mistaken for milliseconds are beyond it
    TEXT = /\A\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)\s*\z/.freeze
    FORMS = 'give seconds as a number, or a text such as "500ms", "30s", "5m", "2h" or "7d"'

    module_function

    # A duration in milliseconds. ArgumentError, with `name` in it, for what is none.
    def milliseconds(value, name)
      exact = exact_ms(value, name)
      raise ArgumentError, "#{name} is #{value.inspect}: it must not be negative" if exact.negative?
      raise ArgumentError, "#{name} is #{value.inspect}: the most is 36500 days" if exact > MAX_MS

      exact.zero? ? 0 : [1, exact.round].max
    end

    # The same for durations that cannot be 0.
    def positive(value, name)
      found = milliseconds(value, name)
      raise ArgumentError, "#{name} is #{value.inspect}: it must be more than 0; leave it out for none" if found.zero?

      found
    end

    # A time in milliseconds since the epoch.
    def unix_ms(value, name)
      seconds = value.is_a?(String) ? parsed(value, name) : value
      seconds = seconds.to_time if seconds.respond_to?(:to_time)
      seconds = seconds.to_f if seconds.is_a?(Time)
      unless seconds.is_a?(Numeric)
        raise ArgumentError, "#{name} is a #{value.class}: give a Time, an ISO 8601 text, or seconds since the epoch"
      end
      unless (0...MAX_UNIX_MS).cover?(seconds * 1000)
        raise ArgumentError, "#{name} is #{value.inspect}: it must lie between 1970 and the year 10000, in seconds"
      end

      (seconds * 1000).round
    end

    def exact_ms(value, name)
      case value
      when String
        found = TEXT.match(value) or raise ArgumentError, "#{name} is #{value.inspect}, which is no duration: #{FORMS}"
        found[1].to_f * UNITS_MS[found[2]]
      when Numeric
        raise ArgumentError, "#{name} is NaN, which is no duration: #{FORMS}" if value.respond_to?(:nan?) && value.nan?

        value * 1000
      else
        raise ArgumentError, "#{name} is a #{value.class}, which is no duration: #{FORMS}"
      end
    end

    def parsed(text, name)
      text.strip.match?(/\A\d{4}-\d{2}-\d{2}\z/) ? Time.parse(text) : Time.iso8601(text.strip)
    rescue ArgumentError
      raise ArgumentError, "#{name} is #{text.inspect}: write a time as ISO 8601, such as \"2030-01-31T09:00:00Z\""
    end

    private_class_method :exact_ms, :parsed
  end
end
