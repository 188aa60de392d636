# frozen_string_literal: true

require 'motia/trust'
require 'socket'

module Motia
  # What the environment says of the core: how to reach it, as whom, and whether it has started this process (LAUNCH-1).
  class Settings
    # The environment does not say how to reach the core.
    class Wrong < StandardError; end

    # address, token and language: as they are given. marks: whether prints are marked. For external sidecars also name, for
    # people; ca, cert and key, paths of PEM files; server_name, in the core's certificate. nil: without.
    attr_reader :address, :token, :language, :marks, :name, :ca, :cert, :key, :server_name

    # Reads the variables, and removes the token, so that user code and its children never see it (LAUNCH-2).
    def initialize(environment = ENV)
      @environment = environment
      @token = environment.delete('MOTIA_SIDECAR_TOKEN') || ''
      @address = given('ADDRESS') or raise Wrong, 'MOTIA_SIDECAR_ADDRESS is not set: this program is started by motia-core; ' \
                                                  'or set it with MOTIA_SIDECAR_EXTERNAL=1 and MOTIA_SIDECAR_TOKEN'
      @language = given('LANGUAGE') || 'ruby'
      @marks = environment.key?('MOTIA_SIDECAR_MARKS')
      @external = !['0', nil].include?(given('EXTERNAL'))
      read_external if @external
    end

    # Whether somebody else than the core runs this process.
    def external?
      @external
    end

    private

    def read_external
      raise Wrong, 'MOTIA_SIDECAR_TOKEN is not set: it is the sidecars.token of the core' if @token.empty?

      @name = given('NAME') || Socket.gethostname
      @server_name = given('SERVER_NAME')
      @ca, @cert, @key = %w[CA CERT KEY].map { |what| pem(what) }
      raise Wrong, 'MOTIA_SIDECAR_CERT and MOTIA_SIDECAR_KEY go together: set both, or none' if @cert.nil? != @key.nil?
      raise Wrong, "MOTIA_SIDECAR_CERT is for TLS, which needs MOTIA_SIDECAR_CA: who has signed the core's" if @cert && !@ca

      check_certificates if @ca
    end

    # gRPC would not say what is wrong with them.
    def check_certificates
      Trust.context(self)
    rescue OpenSSL::OpenSSLError, ArgumentError => e
      fit = 'MOTIA_SIDECAR_CERT and MOTIA_SIDECAR_KEY do not fit, or ' if @cert
      raise Wrong, "#{fit}MOTIA_SIDECAR_CA has no certificate: #{e.message}"
    end

    def given(name)
      value = @environment["MOTIA_SIDECAR_#{name}"]
      value unless value.nil? || value.empty?
    end

    def pem(name)
      path = given(name) or return nil
      return path if File.read(path).include?('-----BEGIN')

      raise Wrong, "MOTIA_SIDECAR_#{name} is #{path}, which is no PEM file"
    rescue SystemCallError => e
      raise Wrong, "MOTIA_SIDECAR_#{name} is #{path}, which cannot be read: #{e.message}"
    end
  end
end
