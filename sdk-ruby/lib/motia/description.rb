# frozen_string_literal: true

require 'motia/functions'
require 'motia/hooks'
require 'motia/payload'
require 'motia/step'
require 'motia/triggers'

module Motia
  # What the core is told about a file, and what the worker runs of it.
  class Description
    # Keys that may be written as Ruby does.
    CAMEL = %w[bodySchema responseSchema querySchema pathSchema headersSchema messageSchema queryParams virtualEmits
               virtualSubscribes conditionalEmits includeFiles waitsFor cancelOnDisconnect baseConfig maxItems].freeze
    SNAKE = CAMEL.to_h { |key| [key.gsub(/[A-Z]/) { |letter| "_#{letter.downcase}" }, key] }.freeze
    SCHEMAS = %w[input bodySchema responseSchema querySchema pathSchema headersSchema messageSchema schema].freeze

    attr_reader :messages, :steps

    def initialize(path)
      @path = path
      @messages = []
      @steps = {}
    end

    # Describe the steps of a file: all of them, or none when one is wrong (LOAD-16). ConfigError says which.
    def add_steps(definitions, several: true)
      if !several && definitions.any?(&:key)
        raise ConfigError, 'this core takes files with `config` and `handler` only: upgrade motia-core'
      end

      definitions.flat_map { |definition| Triggers.split(definition) }.each { |definition| add_step(definition) }
      self
    end

    # A stream: its message, and its hooks by kind.
    def self.stream(path, file)
      config = keyed(file.config)
      hooks = Hooks.of(config, file)
      text, warnings = written(config.except(*Hooks::CONFIG_NAMES))
      has = Hooks::FIELDS.transform_values { |kind| hooks.key?(kind) }
      message = V1::StreamDefinition.new(path: path, config: text, warnings: warnings, **has)
      [message, hooks.to_h { |kind, function| [[path, kind], Hooks.step(path, function)] }]
    end

    # A config with text keys, as the core writes them.
    def self.keyed(config)
      config.to_h { |key, value| [SNAKE.fetch(key.to_s, key.to_s), value] }
    end

    # A config as JSON text, and what had to be left out of it (LOAD-6, LOAD-7).
    def self.written(config)
      warnings = []
      data = config.reject { |_, value| value.respond_to?(:call) }.select do |key, value|
        Payload.encode(value, "config.#{key}")
      rescue PayloadError => e
        raise ConfigError, e.message unless SCHEMAS.include?(key)

        warnings << "#{e.message}: the schema is left out"
        false
      end
      [Payload.encode(data, 'config'), warnings]
    end

    private

    def add_step(definition)
      config = Description.keyed(definition.config)
      middleware = middleware_of(config)
      text, warnings = Description.written(Triggers.plain(config.except('middleware')))
      handler = handler_of(definition.handler)
      @messages << V1::StepDefinition.new(
        path: @path, config: text, has_handler: !handler.nil?, middleware_count: middleware.size, warnings: warnings,
        line: definition.line || 0, key: definition.key || '', trigger: definition.trigger || 0
      )
      reference = definition.key ? "#{@path}##{definition.key}" : @path
      @steps[reference] = Step.new(reference: reference, flows: Array(config['flows']).map(&:to_s),
                                   run: handler && run_of(config, handler, middleware, definition),
                                   atomic: config['atomic'] == true)
    end

    def middleware_of(config)
      middleware = config['middleware']
      middleware = [middleware] if middleware.respond_to?(:call)
      middleware ||= []
      raise ConfigError, "middleware must be a list, it is a #{middleware.class}" unless middleware.is_a?(Array)

      wrong = middleware.index { |one| !one.respond_to?(:call) }
      raise ConfigError, "middleware[#{wrong}] must be a lambda or a method, it is a #{middleware[wrong].class}" if wrong

      middleware
    end

    def handler_of(handler)
      return handler if handler.nil? || handler.respond_to?(:call)

      raise ConfigError, "handler must be a method or a lambda, it is a #{handler.class}"
    end

    def run_of(config, handler, middleware, definition)
      return Triggers.run(config, handler, definition) if definition.trigger

      if config['type'] == 'cron'
        plain = Functions.lenient(handler)
        return ->(_, context) { plain.call(context) }
      end
      chain = Functions.chain(handler, middleware)
      return chain unless config['method'].to_s.casecmp?('WEBSOCKET') && !middleware.empty?

      alone = Functions.lenient(handler) # SOCKET-2
      ->(event, context) { (event['type'] == 'connect' ? chain : alone).call(event, context) }
    end
  end
end
