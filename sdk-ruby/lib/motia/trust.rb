# frozen_string_literal: true

require 'io/wait'
require 'openssl'
require 'socket'

module Motia
  # Finds out why no TLS connection comes about: gRPC does not always say.
  class Trust
    CONNECT_S = 5.0
    ANSWER_S = 2.0 # for the core's first byte, which gRPC sends at once

    def initialize(settings)
      @settings = settings
      @host, _, @port = settings.address.rpartition(':')
      @host = @host.delete('[]')
    end

    # Why core and sidecar do not trust each other, and what to do; nil: that is not it.
    def why
      Socket.tcp(@host, @port.to_i, connect_timeout: CONNECT_S) { |plain| look(plain) }
    rescue SystemCallError, SocketError # it cannot be reached: gRPC says so
      nil
    end

    private

    def look(plain)
      secured = OpenSSL::SSL::SSLSocket.new(plain, context)
      secured.hostname = name
      secured.connect
      secured.post_connection_check(name)
      answered?(secured, plain) ? nil : not_accepted
    rescue OpenSSL::SSL::SSLError => e
      explained(e.message)
    rescue Errno::ECONNRESET, EOFError
      not_accepted
    end

    # Whether the core says something, or at least does not hang up.
    def answered?(secured, plain)
      deadline = Attempt.now + ANSWER_S
      loop do
        byte = secured.read_nonblock(1, exception: false)
        return !byte.nil? unless byte == :wait_readable

        plain.wait_readable([deadline - Attempt.now, 0].max) or return true
      end
    end

    def explained(message)
      case message
      when /does not match|hostname mismatch/i
        "the certificate of the core is not for #{name}: dial a name that is in it, or say which one is in " \
        'MOTIA_SIDECAR_SERVER_NAME'
      when /expired/ then 'the certificate of the core has expired: renew its sidecars.tls_cert'
      when /certificate verify failed/
        "the certificate of the core is not trusted (#{message[/\((.+)\)/, 1] || message}): " \
        'MOTIA_SIDECAR_CA must be who has signed its sidecars.tls_cert'
      when /wrong version number|unknown protocol|http request/i
        "the core does not speak TLS at #{@settings.address}: set its sidecars.tls_cert and sidecars.tls_key, or leave out " \
        'MOTIA_SIDECAR_CA'
      when /alert|unexpected eof/ then not_accepted # some say why they hang up, some just do
      end
    end

    def not_accepted
      unless @settings.cert
        return 'the core wants to see a certificate: set MOTIA_SIDECAR_CERT and MOTIA_SIDECAR_KEY to one that its ' \
               'sidecars.tls_client_ca has signed'
      end

      'the core does not accept the certificate of this sidecar: MOTIA_SIDECAR_CERT must be one that its ' \
        'sidecars.tls_client_ca has signed, and must not have expired'
    end

    def name
      @settings.server_name || @host
    end

    def context
      context = OpenSSL::SSL::SSLContext.new
      context.verify_mode = OpenSSL::SSL::VERIFY_PEER
      context.ca_file = @settings.ca
      context.alpn_protocols = ['h2']
      if @settings.cert
        context.cert = OpenSSL::X509::Certificate.new(File.read(@settings.cert))
        context.key = OpenSSL::PKey.read(File.read(@settings.key))
      end
      context
    end
  end
end
