# frozen_string_literal: true

require 'date'
require 'json'
require 'set'
require 'time'
require 'motia/errors'
require 'motia/record'

module Motia
  # JSON of any kind: exact integers, no NaN, no bytes, and errors that name the place.
  module Payload
    MAX_NESTING = 300 # what the stack of a thread holds with room to spare

    module_function

    # Any JSON text as Ruby values; objects become Records.
    def decode(text, name)
      JSON.parse(text.dup.force_encoding(Encoding::UTF_8), object_class: Record, max_nesting: MAX_NESTING)
    rescue JSON::ParserError, JSON::NestingError => e
      raise PayloadError, "#{name} is not JSON: #{e.message[0, 200]}"
    end

    # A value as the bytes of JSON text. PayloadError names what is not JSON, and where.
    def encode(value, name)
      text = JSON.generate(plain?(value, 0) ? value : converted(value, name, 0), max_nesting: MAX_NESTING + 1)
      text.force_encoding(Encoding::BINARY)
    rescue SystemStackError # the handler's own calls have left little of it
      raise PayloadError, "#{name} is nested too deeply"
    end

    # Any string as valid UTF-8, for fields that are text and no JSON.
    def utf8(text)
      text = text.dup.force_encoding(Encoding::UTF_8) if text.encoding == Encoding::BINARY
      text.encode(Encoding::UTF_8, invalid: :replace, undef: :replace).scrub('?')
    end

    # Whether JSON.generate writes it right as it is.
    def plain?(value, depth)
      case value
      when String then utf8?(value)
      when Integer, Symbol, nil, true, false then true
      when Float then value.finite?
      when Hash then depth < MAX_NESTING && value.all? { |key, item| key_plain?(key) && plain?(item, depth + 1) }
      when Array then depth < MAX_NESTING && value.all? { |item| plain?(item, depth + 1) }
      else false
      end
    end

    def utf8?(text)
      text.ascii_only? || (text.encoding == Encoding::UTF_8 && text.valid_encoding?)
    end

    def key_plain?(key)
      key.is_a?(Symbol) || (key.is_a?(String) && utf8?(key))
    end

    def converted(value, place, depth)
      raise PayloadError, "#{place[0, 80]}… is nested too deeply, or holds itself" if depth > MAX_NESTING

      case value
      when nil, true, false, Integer, Symbol then value
      when String then text(value, place)
      when Float then number(value, place)
      when Hash then value.to_h { |key, item| [key_text(key, place), converted(item, "#{place}.#{key}", depth + 1)] }
      when Array, Set then value.each_with_index.map { |item, index| converted(item, "#{place}[#{index}]", depth + 1) }
      else converted(expanded(value, place), place, depth + 1)
      end
    end

    # What is no JSON itself, but has a form that everybody expects.
    def expanded(value, place)
      case value
      when Time then value.iso8601(3)
      when Date then value.iso8601
      when Struct then value.to_h
      when Rational then value.to_f
      else
        return value.to_h if value.respond_to?(:each_pair) && value.respond_to?(:to_h) # OpenStruct
        return value.to_s('F') if value.class.name == 'BigDecimal'

        raise PayloadError, "#{place} is a #{value.class}, which JSON cannot hold: give a Hash, an Array or a plain value"
      end
    end

    def text(value, place)
      return value if utf8?(value)
      if value.encoding == Encoding::BINARY || !value.valid_encoding?
        raise PayloadError, "#{place} is bytes, which JSON cannot hold: encode them, with base64 for example"
      end

      value.encode(Encoding::UTF_8)
    rescue EncodingError
      raise PayloadError, "#{place} cannot be written as UTF-8"
    end

    def number(value, place)
      raise PayloadError, "#{place} is #{value}, which JSON cannot hold" unless value.finite?

      value
    end

    def key_text(key, place)
      case key
      when String then text(key, "a key of #{place}")
      when Symbol, Integer, true, false then key.to_s
      when nil then 'null'
      else raise PayloadError, "#{place} has the key #{key.inspect}: keys of JSON objects are strings"
      end
    end

    private_class_method :plain?, :utf8?, :key_plain?, :converted, :expanded, :text, :number, :key_text
  end
end
