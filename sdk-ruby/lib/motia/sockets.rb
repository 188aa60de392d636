# frozen_string_literal: true

module Motia
  # `context.sockets`: the WebSocket connections of this core.
  class Sockets
    def initialize(caller)
      @caller = caller
    end

    # Send text, bytes or JSON to a connection; false: it has ended, or is another core's.
    def send(connection_id, data)
      @caller.value(:socket_send, connection_id: connection_id, **message(data)) == 1
    end

    # Send to all connections that were opened on a path, such as "/chat/7", but for some; how many.
    def broadcast(path, data, except: [])
      @caller.value(:socket_send, path: path, excluded: except, **message(data))
    end

    # End a connection; false: there is none.
    def close(connection_id, code = 1000, reason = '')
      @caller.value(:socket_close, connection_id: connection_id, code: code, reason: reason) == 1
    end

    private

    def message(data)
      return { data: data, is_text: false } if Response.bytes?(data)

      { data: data.is_a?(String) ? data.b : @caller.payload(data, 'a message'), is_text: true }
    end
  end
end
