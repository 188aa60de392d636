# frozen_string_literal: true

require 'motia/gen/messages'

module Motia
  # Frames of the sidecar that are sent from several places.
  module Frames
    module_function

    def accepted(ids)
      V1::SidecarFrame.new(accepted: V1::Accepted.new(invocation_ids: ids))
    end

    def returned(ids)
      V1::SidecarFrame.new(returned: V1::Returned.new(invocation_ids: ids))
    end

    def credit(pool, granted)
      V1::SidecarFrame.new(credit: V1::Credit.new(pool: pool, granted: granted))
    end

    def leaving
      V1::SidecarFrame.new(leaving: V1::Leaving.new)
    end

    def protocol_error(code, message)
      V1::SidecarFrame.new(protocol_error: V1::ProtocolError.new(code: code, message: message))
    end
  end
end
