# frozen_string_literal: true

require 'motia/payload'

module Motia
  # Server-sent events: `Motia.sse(events)` is a response of them.
  module ServerSent
    HEADERS = {
      'content-type' => 'text/event-stream; charset=utf-8', 'cache-control' => 'no-cache',
      'x-accel-buffering' => 'no' # some proxies collect what they pass on unless told
    }.freeze
    FIELDS = %w[data event id retry comment].freeze

    module_function

    # One event as it is sent.
    def text(event)
      fields = event.is_a?(Hash) ? Record.of(event) : {}
      fields = { 'data' => event } unless fields?(fields)
      lines = fields['comment'].to_s.lines(chomp: true).map { |line| ": #{line}" }
      %w[event id retry].each do |name|
        lines << "#{name}: #{fields[name].to_s.split(/\R/).join(' ')}" unless fields[name].nil?
      end
      lines.concat(data_lines(fields['data'])) if fields.key?('data')
      "#{lines.join("\n")}\n\n"
    end

    def fields?(fields)
      !fields.empty? && (fields.keys - FIELDS).empty? && (fields.key?('data') || fields.key?('comment'))
    end

    def data_lines(data)
      text = data.is_a?(String) ? data : Payload.encode(data, 'data of an event').force_encoding(Encoding::UTF_8)
      lines = text.lines(chomp: true)
      (lines.empty? ? [''] : lines).map { |line| "data: #{line}" }
    end

    private_class_method :fields?, :data_lines
  end

  # A response of server-sent events, one for each that `events` gives. A String is an event's data. A Hash with data or
  # comment, and nothing else but event, id and retry (milliseconds), is an event with these fields. Everything else is
  # data, as JSON.
  def self.sse(events, headers: {})
    texts = Enumerator.new { |out| events.each { |event| out << ServerSent.text(event) } }
    { status: 200, headers: ServerSent::HEADERS.merge(headers.transform_keys(&:to_s)), body: texts }
  end
end
