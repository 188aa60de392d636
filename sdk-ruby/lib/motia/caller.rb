# frozen_string_literal: true

require 'motia/calls'
require 'motia/payload'

module Motia
  # One attempt's way to make context calls: values in, Call frames out.
  class Caller
    MOST_ITEMS = 1000
    OPERATIONS = V1::Call.descriptor.select { |field| field.type == :message }
                         .to_h { |field| [field.name.to_sym, field.subtype.msgclass] }.freeze

    attr_reader :attempt, :runtime

    def initialize(attempt, runtime)
      @attempt = attempt
      @runtime = runtime
    end

    # Make a call; returns the JSON text that answers it.
    def text(operation, **fields)
      send_call(operation, OPERATIONS.fetch(operation).new(**fields))
    end

    # The same with a message that is made already.
    def send_call(operation, message)
      @runtime.calls.call(@attempt, operation, message)
    end

    # Make a call; returns the value that answers it.
    def value(operation, **fields)
      answer = text(operation, **fields)
      answer.empty? ? nil : Payload.decode(answer, "the core's answer")
    end

    # A value as JSON text within the core's limit.
    def payload(value, name)
      text = Payload.encode(value, name)
      limit = @runtime.max_payload_bytes
      return text unless limit.positive? && text.bytesize > limit

      raise PayloadTooLargeError, "#{name} has #{text.bytesize} bytes of JSON, the limit is #{limit}"
    end

    # A group, key or id as text.
    def key(value, name)
      raise PayloadError, "#{name} is nil: it must be a string" if value.nil?

      Payload.utf8(value.to_s)
    end

    # Operations of an update, as JSON text.
    def operations(value)
      raise ArgumentError, 'operations must be a list such as [{ type: "increment", path: "/count" }]' unless
        value.is_a?(Array) && !value.empty?

      payload(value, 'operations')
    end

    # The length of a page.
    def limit(value)
      return value if value.is_a?(Integer) && value.between?(1, MOST_ITEMS)

      raise ArgumentError, "limit is #{value.inspect}: give a whole number from 1 to #{MOST_ITEMS}"
    end

    # All entries of a listing, page by page as they are asked for.
    def each_page
      Enumerator.new do |entries|
        cursor = ''
        loop do
          page = yield cursor
          page['items'].each { |entry| entries << entry }
          break if (cursor = page['cursor']).empty?
        end
      end
    end
  end
end
