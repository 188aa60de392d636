# frozen_string_literal: true

# Read by gRPC when it is loaded: its own log lines would end up among the user's.
ENV['GRPC_VERBOSITY'] ||= 'NONE'
ENV['GRPC_ENABLE_FORK_SUPPORT'] ||= '0'
require 'grpc'
require 'motia/errors'
require 'motia/gen/messages'

module Motia
  # gRPC, and nothing else knows it: one connection to the core with its session stream and its telemetry stream.
  class Connection
    SESSION = '/motia.v1.SidecarService/Session'
    TELEMETRY = '/motia.v1.SidecarService/Telemetry'
    OPTIONS = {
      'grpc.max_receive_message_length' => -1, # LAUNCH-7
      'grpc.max_send_message_length' => -1,
      'grpc.enable_http_proxy' => 0, # the user's proxy is not on the way to the core
      'grpc.enable_retries' => 0,
      # A connection after a lost one is not one of gRPC's own, which it may hold back.
      'grpc.use_local_subchannel_pool' => 1
    }.freeze
    BROKEN = [GRPC::BadStatus, GRPC::Core::CallError].freeze
    AS_IT_IS = ->(bytes) { bytes }

    def initialize(settings)
      @tls = !settings.ca.nil?
      options = OPTIONS.merge('grpc.default_authority' => settings.server_name || authority(settings))
      options['grpc.ssl_target_name_override'] = settings.server_name if settings.server_name
      @stub = GRPC::ClientStub.new(settings.address, credentials(settings), channel_args: options)
    end

    # Open the session. What `messages` yields is written: bytes. It runs on a thread of gRPC's. ConnectionLost.
    def open(messages)
      @session = @stub.bidi_streamer(SESSION, messages, AS_IT_IS, AS_IT_IS, return_op: true)
      @incoming = @session.execute
    rescue *BROKEN => e
      raise ConnectionLost, reason(e)
    end

    # Yields each message of the core. Returns when the core closes the stream; ConnectionLost: it broke.
    def each(&block)
      @incoming.each { |bytes| block.call(decoded(bytes)) }
    rescue *BROKEN => e
      raise ConnectionLost, reason(e)
    end

    # Write log records until the connection is lost or the core closes the stream.
    def write_logs(messages)
      @stub.bidi_streamer(TELEMETRY, messages, AS_IT_IS, AS_IT_IS).each { |_| nil }
    rescue *BROKEN
      nil
    end

    def close
      @session&.cancel
    end

    private

    def decoded(bytes)
      V1::SessionResponse.decode(bytes)
    rescue Google::Protobuf::ParseError
      raise ProtocolViolation.new(:PROTOCOL_ERROR_CODE_INVALID_FRAME,
                                  "a SessionResponse of #{bytes.bytesize} bytes is not valid protobuf: is this a motia core?")
    end

    # What gRPC means.
    def reason(error)
      return error.message unless error.is_a?(GRPC::BadStatus)

      what = error.details.to_s.sub(/\A.*last error: (?:[A-Z_]+: )?/, '').sub(/ ?debug_error_string:.*/m, '')
      @tls || !what.end_with?('Socket closed') ? what : "#{what}; if it has sidecars.tls_cert, set MOTIA_SIDECAR_CA"
    end

    def credentials(settings)
      return :this_channel_is_insecure unless settings.ca

      key, cert = [settings.key, settings.cert].map { |path| path && File.read(path) }
      GRPC::Core::ChannelCredentials.new(File.read(settings.ca), key, cert)
    end

    def authority(settings)
      settings.ca ? settings.address.rpartition(':').first : 'localhost'
    end
  end
end
