# frozen_string_literal: true

require 'motia/payload'
require 'motia/upload'

module Motia
  # What a handler gets: the trigger of an Invoke as Ruby values.
  module Request
    SOCKET_KINDS = {
      SOCKET_EVENT_KIND_CONNECT: 'connect', SOCKET_EVENT_KIND_MESSAGE: 'message', SOCKET_EVENT_KIND_CLOSE: 'close'
    }.freeze

    module_function

    # A request, an event of a connection, an event's data; nil for a cron tick and for an event without data.
    def of(invoke)
      case invoke.trigger
      when :http then of_http(invoke.http)
      when :event then decoded(invoke.event.data, 'event data', nil)
      end
    end

    # Name, value, name, value as a Record.
    def pairs(flat)
      flat.each_slice(2).each_with_object(Record.new) { |(name, value), record| record[name] = value }
    end

    def of_http(http)
      body, raw = bodies(http)
      request = Record.new
      request['body'] = body
      request['headers'] = pairs(http.headers)
      request['pathParams'] = decoded(http.path_values, 'path parameters', nil) || pairs(http.path_params)
      request['queryParams'] = decoded(http.query_params, 'query parameters', Record.new)
      request['rawBody'] = raw
      return socket_event(http, request) if http.socket

      request['files'] = http.files.map { |file| Upload.new(file) } unless http.files.empty?
      request
    end

    # What the handler sees as body, and as rawBody.
    def bodies(http)
      raw = http.raw_body.empty? ? http.body : http.raw_body
      case http.body_format
      when :BODY_FORMAT_JSON then [decoded(http.body, 'request body', nil), text(raw)]
      when :BODY_FORMAT_TEXT then [text(http.body), text(raw)]
      when :BODY_FORMAT_BINARY then [Record.new, raw.b]
      when :BODY_FORMAT_MULTIPART then [decoded(http.body, 'request body', Record.new), '']
      else [Record.new, '']
      end
    end

    def socket_event(http, request)
      socket = http.socket
      kind = SOCKET_KINDS.fetch(socket.kind, 'message')
      event = Record.new.update({ 'type' => kind, 'connectionId' => socket.connection_id },
                                request.slice('pathParams', 'queryParams', 'headers'))
      event['data'] = socket_data(http) if kind == 'message'
      event.update('code' => socket.code, 'reason' => socket.reason) if kind == 'close'
      event
    end

    def socket_data(http)
      case http.body_format
      when :BODY_FORMAT_BINARY then http.body.b
      when :BODY_FORMAT_JSON then decoded(http.body, 'message', nil)
      else text(http.body)
      end
    end

    def decoded(text, name, absent)
      text.empty? ? absent : Payload.decode(text, name)
    end

    def text(bytes)
      bytes.dup.force_encoding(Encoding::UTF_8).scrub
    end

    private_class_method :of_http, :bodies, :socket_event, :socket_data, :decoded, :text
  end
end
