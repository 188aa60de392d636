# frozen_string_literal: true

require 'bigdecimal'
require 'minitest/autorun'
require 'motia/payload'
require 'ostruct'

class PayloadTest < Minitest::Test
  def encoded(value)
    Motia::Payload.encode(value, 'data').force_encoding(Encoding::UTF_8)
  end

  def refused(value)
    assert_raises(Motia::PayloadError) { Motia::Payload.encode(value, 'data') }.message
  end

  def test_integers_of_any_size_are_exact
    text = '{"id":9007199254740993,"huge":1180591620717411303424}'
    assert_equal text, encoded(Motia::Payload.decode(text, 'x'))
  end

  def test_symbols_times_and_structs_have_a_form
    at = Time.utc(2030, 1, 31, 9)
    assert_equal '{"a":"b","at":"2030-01-31T09:00:00.000Z"}', encoded({ a: :b, at: at })
    assert_equal '{"x":1}', encoded(Struct.new(:x).new(1))
    assert_equal '{"x":1}', encoded(OpenStruct.new(x: 1))
    assert_equal '"0.1"', encoded(BigDecimal('0.1'))
    assert_equal '{"1":true,"null":2}', encoded({ 1 => true, nil => 2 })
  end

  def test_text_of_other_encodings_is_written_as_utf8
    assert_equal '"ü"', encoded('ü'.encode(Encoding::ISO_8859_1))
  end

  def test_what_json_cannot_hold_is_refused_with_its_place
    assert_match(/data\.a\[1\] is NaN/, refused({ a: [0, Float::NAN] }))
    assert_match(/data\.f is bytes/, refused({ f: "\xff".b }))
    assert_match(/data\.o is a Object/, refused({ 'o' => Object.new }))
    assert_match(/has the key \[1\]/, refused({ [1] => 2 }))
  end

  def test_what_holds_itself_is_refused_also_in_a_thread
    list = []
    list << list
    Thread.new { assert_match(/nested too deeply/, refused(list)) }.join
  end

  def test_what_is_not_json_cannot_be_read
    %w[{ NaN nul].each { |text| assert_raises(Motia::PayloadError) { Motia::Payload.decode(text, 'body') } }
  end
end
