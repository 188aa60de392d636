# frozen_string_literal: true

module Motia
  # What the environment says to a sidecar (LAUNCH-1).
  class Settings
    # address, token and language: as they are given. external: the core has not started this process.
    # ca, cert, key, server_name: TLS, as paths of PEM files and a name; nil: without.
    attr_reader :address, :token, :language, :external, :ca, :cert, :key, :server_name, :marks

    def initialize(environment = ENV)
      @address = environment.fetch('MOTIA_SIDECAR_ADDRESS')
      @token = environment.delete('MOTIA_SIDECAR_TOKEN') || raise(KeyError, 'key not found: "MOTIA_SIDECAR_TOKEN"')
      @language = environment.fetch('MOTIA_SIDECAR_LANGUAGE', 'ruby')
      @external = environment['MOTIA_SIDECAR_EXTERNAL'] == '1'
      @marks = environment.key?('MOTIA_SIDECAR_MARKS')
      @ca, @cert, @key, @server_name = %w[CA CERT KEY SERVER_NAME].map { |name| environment["MOTIA_SIDECAR_#{name}"] }
    end
  end
end
