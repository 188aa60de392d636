# frozen_string_literal: true

require 'motia/functions'

module Motia
  # Configs with `triggers` (Motia 1.0): one step for each of them, with one handler.
  module Triggers
    FUNCTIONS = %w[condition middleware].freeze

    module_function

    # The steps that a definition stands for (LOAD-18).
    def split(definition)
      triggers = of(definition.config)
      return [definition] if triggers.nil?

      triggers.each_index.map do |index|
        copy = definition.dup
        copy.trigger = index + 1
        copy.key = [definition.key, triggers.size > 1 ? "trigger #{index + 1}" : nil].compact.join(' ') if triggers.size > 1
        copy
      end
    end

    # A config whose triggers are data.
    def plain(config)
      return config unless config['triggers'].is_a?(Array)

      config.merge('triggers' => config['triggers'].map { |one| text_keys(one).except(*FUNCTIONS) })
    end

    # What runs for one trigger: its condition, its middleware, the handler.
    def run(config, handler, definition)
      index = definition.trigger - 1
      trigger = text_keys(of(config)[index])
      condition = trigger['condition'] && Functions.lenient(trigger['condition'])
      chain = Functions.chain(handler, Array(trigger['middleware']))
      about = Record.of(trigger.except(*FUNCTIONS, 'bodySchema', 'responseSchema', 'input').merge('index' => index))
      lambda do |input, context|
        context.trigger = about
        if condition && condition.call(input, context) == false
          next trigger['type'] == 'http' ? { status: 422, body: { error: 'Request condition not met', skipped: true } } : nil
        end

        chain.call(input, context)
      end
    end

    def of(config)
      triggers = config[:triggers] || config['triggers']
      triggers if triggers.is_a?(Array) && !config.key?(:type) && !config.key?('type')
    end

    def text_keys(trigger)
      trigger.to_h.transform_keys { |key| Record.camel(key) }
    end

    private_class_method :of, :text_keys
  end
end
