# frozen_string_literal: true

module Motia
  # Calling what users define, with as many arguments as it takes.
  module Functions
    module_function

    # The same function, callable with more arguments than it has parameters.
    def lenient(function)
      parameters = function.respond_to?(:parameters) ? function.parameters : function.method(:call).parameters
      return function if parameters.any? { |kind, _| kind == :rest }

      most = parameters.count { |kind, _| %i[req opt].include?(kind) }
      ->(*arguments) { function.call(*arguments.first(most)) }
    end

    # A handler in its middleware, the first one outermost (INVOKE-14).
    def chain(handler, middleware)
      middleware.reverse.reduce(lenient(handler)) do |inner, one|
        outer = lenient(one)
        lambda do |input, context|
          following = -> (*) { inner.call(input, context) }
          outer.call(input, context, following)
        end
      end
    end
  end
end
