# frozen_string_literal: true

require 'motia/errors'
require 'motia/step_scope'

module Motia
  # One file of the user's, evaluated in a module of its own: its methods, constants and variables are nobody else's.
  class StepFile
    # One step of a file. key: names it within the file; nil: the step that is the file itself.
    Definition = Struct.new(:config, :handler, :key, :line, :trigger, keyword_init: true)

    # What a file may call at its top to define several steps, each with its handler as a block.
    module Steps
      def api(method, path, name: nil, **config, &handler)
        step(name: name, key: name || "#{method} #{path}", type: 'api', method: method, path: path, **config, &handler)
      end

      def event(*topics, name: nil, **config, &handler)
        step(name: name, key: name || "event #{topics.join(' ')}", type: 'event', subscribes: topics, **config, &handler)
      end

      def cron(expression, name: nil, **config, &handler)
        step(name: name, key: name || "cron #{expression}", type: 'cron', cron: expression, **config, &handler)
      end

      # Any step, as a config of its own file says it. The handler may use `return`.
      def step(name: nil, key: name, **config, &handler)
        raise ConfigError, 'a step needs a name' if key.nil?

        config = { name: name, **config } unless name.nil?
        define_singleton_method("step #{key}", &handler) if handler
        definition = Definition.new(config: config, handler: handler && method("step #{key}"), key: key,
                                    line: caller_locations.find { |at| at.path == @motia_path }&.lineno || 0)
        motia_steps << definition
        nil
      end

      def motia_steps
        @motia_steps ||= []
      end
    end

    attr_reader :path

    def initialize(path)
      @path = path
      @source = File.read(path, mode: 'r:BOM|UTF-8')
    end

    # Evaluate it. Raises whatever it raises.
    def load
      @names = Module.new
      @names.extend(@names, Steps)
      @names.instance_variable_set(:@motia_path, @path)
      @scope = StepFile.scope_of(@names)
      @scope.eval(@source, @path, 1)
      self
    end

    # Its steps, in the order in which it defines them. ConfigError: there is none, or two have one name.
    def definitions
      found = @names.motia_steps.dup
      if found.empty? || !value('config').nil?
        found.unshift(Definition.new(config: config, handler: function('handler'), line: line_of('config')))
      end
      twice = found.map(&:key).tally.find { |_, count| count > 1 }
      raise ConfigError, "two steps are called #{twice.first.inspect}: rename one" if twice

      found
    end

    # What the file's `config` is, as a method or a variable.
    def config
      found = value('config')
      raise ConfigError, 'no config: define `def config` or `config = { … }` at the top level of the file' if found.nil?
      return found.to_h if found.respond_to?(:to_h) && !found.is_a?(Array)

      raise ConfigError, "config must be a Hash, it is a #{found.class}"
    end

    # A function of the file: a method, or a variable with something that can be called; nil: there is none.
    def function(name)
      return @names.method(name) if defined_method?(name)

      @scope.local_variable_get(name) if @scope.local_variable_defined?(name)
    end

    # The line on which the file defines a name; 0: unknown.
    def line_of(name)
      return @names.method(name).source_location.last if defined_method?(name)

      (@source.lines.index { |line| line.match?(/\A#{name}\s*=/) } || -1) + 1
    end

    private

    def value(name)
      return @names.method(name).call if defined_method?(name)

      @scope.local_variable_get(name) if @scope.local_variable_defined?(name)
    end

    # By the file itself: not by Kernel, and not by Steps.
    def defined_method?(name)
      @names.method_defined?(name, false) || @names.private_method_defined?(name, false) ||
        @names.singleton_methods(false).include?(name.to_sym)
    end
  end
end
