# frozen_string_literal: true

require 'motia/durations'
require 'motia/payload'

module Motia
  # What an emit may say beyond topic and data: when, in which order, and how often at most.
  module EmitOptions
    MAX_PRIORITY = 100

    module_function

    # Write an event's options into its Emit. ArgumentError for those that say nothing sensible.
    def fill(operation, event)
      group = event['messageGroupId'] || event['message_group_id']
      operation.message_group_id = group.to_s unless group.nil?
      fill_time(operation, event['delay'], event['at'])
      window = event['idempotencyWindow'] || event['idempotency_window']
      fill_idempotency(operation, event['idempotencyKey'] || event['idempotency_key'], window)
      operation.priority = priority(event['priority']) unless event['priority'].nil?
    end

    def fill_time(operation, delay, at)
      raise ArgumentError, 'emit has both delay and at: give one of them' unless delay.nil? || at.nil?

      operation.delay_ms = Durations.milliseconds(delay, 'delay') unless delay.nil?
      operation.at_unix_ms = [1, Durations.unix_ms(at, 'at')].max unless at.nil?
    end

    def fill_idempotency(operation, key, window)
      unless window.nil?
        raise ArgumentError, 'emit has an idempotencyWindow without an idempotencyKey, for which it would count' if key.nil?

        operation.idempotency_window_ms = Durations.positive(window, 'idempotencyWindow')
      end
      return if key.nil?
      raise ArgumentError, 'idempotencyKey is empty: leave it out, or give what tells this event from others' if key.to_s.empty?

      operation.idempotency_key = key.to_s
    end

    def priority(value)
      return value if value.is_a?(Integer) && value.abs <= MAX_PRIORITY

      raise ArgumentError, "priority is #{value.inspect}: give a whole number from -100 to 100, 0 is usual"
    end

    private_class_method :fill_time, :fill_idempotency, :priority
  end
end
