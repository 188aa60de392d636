# frozen_string_literal: true

require 'motia/calls'
require 'motia/ledger'
require 'motia/logger'
require 'motia/outbox'
require 'motia/telemetry'

module Motia
  # What all attempts of this process share.
  class Runtime
    attr_reader :outbox, :ledger, :calls, :telemetry, :log_level
    attr_accessor :stream_names

    def initialize(log_level = Logger.level_of(ENV.fetch('LOG_LEVEL', nil)))
      @outbox = Outbox.new
      @ledger = Ledger.new(@outbox)
      @calls = Calls.new(@outbox)
      @telemetry = Telemetry.new
      @log_level = log_level
      @stream_names = []
      @welcome = V1::Welcome.new
    end

    # What the core said about this session.
    def welcome(welcome)
      @welcome = welcome
    end

    # The core's limit; 0: none.
    def max_payload_bytes
      @welcome.max_payload_bytes
    end

    def chunk_window_bytes
      @welcome.chunk_window_bytes
    end

    def streams_responses?
      @welcome.capabilities.include?('streamed-responses')
    end

    def several_steps?
      @welcome.capabilities.include?('several-steps')
    end
  end
end
