# frozen_string_literal: true

require 'motia/errors'
require 'motia/gen/messages'
require 'motia/payload'

module Motia
  # What an api handler returned, taken apart.
  class Response
    MAX_STATUS = (2**31) - 1

    # Status as a number; headers as name, value, name, value; the body, and whether there is one.
    attr_reader :status, :headers, :body, :has_body

    def initialize(status, headers, body, has_body)
      @status = status
      @headers = headers
      @body = body
      @has_body = has_body
    end

    # Of a handler's result. BadResultError: it is no response.
    def self.of(result)
      raise BadResultError, "handler returned #{shown(result)}: return { status: 200, body: … }" unless result.respond_to?(:to_h)

      fields = Record.new.update(result.to_h)
      raise BadResultError, "handler returned no status: return { status: 200, body: … }" unless fields.key?('status')

      new(status_of(fields['status']), headers_of(fields['headers']), fields['body'], fields.key?('body'))
    rescue TypeError, NoMethodError # an Array, for example
      raise BadResultError, "handler returned #{shown(result)}: return { status: 200, body: … }"
    end

    # Of what a WebSocket step returned: to a connect a response, to a message what is sent back.
    def self.of_socket(socket, result)
      return new(200, [], nil, false) if result.nil? || socket.kind == :SOCKET_EVENT_KIND_CLOSE
      return new(200, [], result, true) unless socket.kind == :SOCKET_EVENT_KIND_CONNECT

      response = of(result)
      response.status == 101 ? new(200, response.headers, response.body, response.has_body) : response
    end

    # Whether a string is bytes and no text.
    def self.bytes?(value)
      value.is_a?(String) && (value.encoding == Encoding::BINARY || !value.valid_encoding?)
    end

    # As it travels. PayloadError: the body cannot.
    def to_message(max_bytes)
      message = V1::HttpResponse.new(status: @status, headers: @headers)
      return message unless @has_body

      message.body_kind, message.body = Response.written(@body, 'body')
      return message unless max_bytes.positive? && message.body.bytesize > max_bytes

      raise PayloadTooLargeError, "body has #{message.body.bytesize} bytes, the limit is #{max_bytes}"
    end

    # Status and headers only.
    def head
      V1::HttpResponse.new(status: @status, headers: @headers, body_kind: :BODY_KIND_BINARY)
    end

    # Kind and bytes of a body (HTTP-6).
    def self.written(body, name)
      return [:BODY_KIND_BINARY, body.b] if bytes?(body)
      return [:BODY_KIND_TEXT, body.encode(Encoding::UTF_8).b] if body.is_a?(String)

      [:BODY_KIND_JSON, Payload.encode(body, name)]
    end

    def self.status_of(status)
      status = status.to_i if status.is_a?(String) && status.match?(/\A\d{1,9}\z/)
      status = status.to_i if status.is_a?(Float) && status.finite? && status == status.to_i
      return status if status.is_a?(Integer) && status.abs <= MAX_STATUS

      raise BadResultError, "status must be a whole number such as 200, not #{shown(status)}"
    end

    # A list of values repeats the name; nil leaves it out.
    def self.headers_of(headers)
      return [] if headers.nil?

      headers.flat_map do |name, value|
        (value.is_a?(Array) ? value : [value]).compact.flat_map { |one| [Payload.utf8(name.to_s), Payload.utf8(one.to_s)] }
      end
    rescue NoMethodError
      raise BadResultError, "headers must be a Hash of name to value, not #{shown(headers)}"
    end

    def self.shown(value)
      text = value.inspect
      "#{text[0, 80]}#{'…' if text.size > 80} (#{value.class})"
    end

    private_class_method :status_of, :headers_of, :shown
  end
end
