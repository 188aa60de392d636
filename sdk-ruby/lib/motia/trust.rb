# frozen_string_literal: true

require 'io/wait'
require 'openssl'
require 'socket'

module Motia
  # Finds out why no TLS connection comes about: gRPC does not always say.
  class Trust
    CONNECT_S = 5.0
    ANSWER_S = 2.0 # for the handshake, and for the core's first byte, which gRPC sends at once
    AGAIN_S = 0.5 # until the second look
    NO_PASSWORD = '' # else it would be asked for on a terminal

    # What TLS with the core takes, of the files as they are now. OpenSSLError, ArgumentError: they are of no use.
    def self.context(settings)
      context = OpenSSL::SSL::SSLContext.new
      context.verify_mode = OpenSSL::SSL::VERIFY_PEER
      context.cert_store = OpenSSL::X509::Store.new.add_file(settings.ca)
      context.alpn_protocols = ['h2']
      if settings.cert
        certificate, *chain = OpenSSL::X509::Certificate.load_file(settings.cert)
        context.add_certificate(certificate, OpenSSL::PKey.read(File.read(settings.key), NO_PASSWORD), chain)
      end
      context
    end

    def initialize(settings)
      @settings = settings
      @host, _, @port = settings.address.rpartition(':')
      @host = @host.delete('[]')
    end

    # Why core and sidecar do not trust each other, and what to do; nil: that is not it. A core that is just ending or
    # starting may look like that once, so it is asked twice.
    def why
      first = look or return
      sleep(AGAIN_S)
      first if look == first
    end

    private

    def look
      Socket.tcp(@host, @port.to_i, connect_timeout: CONNECT_S) do |plain|
        secured = OpenSSL::SSL::SSLSocket.new(plain, Trust.context(@settings))
        secured.hostname = name
        next unless connected?(secured, plain)

        secured.post_connection_check(name)
        answered?(secured, plain) ? nil : not_accepted
      end
    rescue OpenSSL::SSL::SSLError => e
      explained(e.message)
    rescue SystemCallError, SocketError # it cannot be reached: gRPC says so
      nil
    rescue OpenSSL::OpenSSLError, ArgumentError # certificate and key are just being replaced: they were fine at the start
      nil
    end

    # Whether the handshake is over in time. SSLError: it has failed; who hangs up during it may be anybody, such as a proxy.
    def connected?(secured, plain)
      deadline = Attempt.now + ANSWER_S
      loop do
        wanted = secured.connect_nonblock(exception: false)
        return true unless wanted.is_a?(Symbol)

        plain.public_send(wanted, [deadline - Attempt.now, 0].max) or return false # :wait_readable, :wait_writable
      end
    end

    # Whether the core says something, or at least does not hang up: it does so when it has seen our certificate, or none.
    def answered?(secured, plain)
      deadline = Attempt.now + ANSWER_S
      loop do
        byte = secured.read_nonblock(1, exception: false)
        return !byte.nil? unless byte == :wait_readable

        plain.wait_readable([deadline - Attempt.now, 0].max) or return true
      end
    rescue OpenSSL::SSL::SSLError, Errno::ECONNRESET, EOFError # some say why they hang up, some just do
      false
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
      when /alert/ then not_accepted
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
  end
end
