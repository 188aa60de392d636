# frozen_string_literal: true

module Motia
  # A JSON object: a Hash with string keys that answers to symbols and to methods as well, so that
  # `order['total']`, `order[:total]` and `order.total` are the same (0.x gave handlers an OpenStruct).
  #
  # A method that Hash has itself (`count`, `size`, `key`, …) stays Hash's: write `order['count']`. A method that neither
  # has is nil, as of an OpenStruct. `path_params` reads "pathParams" where there is no "path_params".
  class Record < Hash
    # A Record of any hash, and of the hashes within it.
    def self.of(value)
      case value
      when Hash then value.each_with_object(new) { |(key, item), record| record[key] = of(item) }
      when Array then value.map { |item| of(item) }
      else value
      end
    end

    def [](key)
      super(Record.key(key))
    end

    def []=(key, value)
      super(Record.key(key), value)
    end
    alias store []=

    def fetch(key, *default, &block)
      super(Record.key(key), *default, &block)
    end

    def key?(key)
      super(Record.key(key))
    end
    alias has_key? key?
    alias include? key?
    alias member? key?

    def delete(key, &block)
      super(Record.key(key), &block)
    end

    def dig(key, *rest)
      found = self[key]
      rest.empty? || found.nil? ? found : found.dig(*rest)
    end

    def values_at(*keys)
      keys.map { |key| self[key] }
    end

    def slice(*keys)
      super(*keys.map { |key| Record.key(key) })
    end

    def except(*keys)
      super(*keys.map { |key| Record.key(key) })
    end

    def merge(*others, &block)
      dup.update(*others, &block)
    end

    def update(*others, &block)
      super(*others.map { |other| other.transform_keys { |key| Record.key(key) } }, &block)
    end
    alias merge! update

    # For `case record in { name:, total: }`.
    def deconstruct_keys(_keys)
      transform_keys(&:to_sym)
    end

    def respond_to_missing?(name, include_private = false)
      key?(name) || key?(Record.camel(name)) || name.end_with?('=') || super
    end

    # Ruby asks values for conversions such as to_ary and to_str; those are not names of data.
    def method_missing(name, *arguments)
      return super if name.start_with?('to_') && !key?(name)

      text = name.name
      return self[text.delete_suffix('=')] = arguments.first if text.end_with?('=') && arguments.one?
      return super unless arguments.empty? && !text.end_with?('?', '!')

      fetch(text) { self[Record.camel(text)] }
    end

    def self.key(key)
      key.is_a?(Symbol) ? key.name : key
    end

    def self.camel(name)
      name.to_s.gsub(/_([a-z0-9])/) { Regexp.last_match(1).upcase }
    end
  end
end
