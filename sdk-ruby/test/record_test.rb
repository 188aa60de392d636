# frozen_string_literal: true

require 'minitest/autorun'
require 'motia'

class RecordTest < Minitest::Test
  def setup
    @record = Motia::Record.of('total' => 3, 'customer' => { 'name' => 'Ada' }, 'pathParams' => { 'id' => '7' })
  end

  def test_string_symbol_and_method_are_the_same
    assert_equal [3, 3, 3], [@record['total'], @record[:total], @record.total]
    assert_equal 'Ada', @record.customer.name
    assert_equal 'Ada', @record.dig(:customer, 'name')
  end

  def test_a_name_that_is_not_there_is_nil
    assert_nil @record.missing
    assert_nil @record[:missing]
    assert_raises(KeyError) { @record.fetch(:missing) }
    assert_equal 1, @record.fetch(:missing, 1)
  end

  def test_snake_case_reads_camel_case
    assert_equal '7', @record.path_params.id
    assert @record.respond_to?(:path_params)
  end

  def test_names_of_hash_stay_those_of_hash
    assert_equal 3, @record.size
    assert_equal 9, Motia::Record.of('size' => 9)['size']
  end

  def test_writing_keeps_keys_as_text
    @record[:paid] = true
    @record.note = 'x'
    assert_equal %w[total customer pathParams paid note], @record.keys
    assert_equal({ 'a' => 1, 'b' => 2 }, Motia::Record.of('a' => 0).merge({ a: 1 }, b: 2))
    assert_equal %w[total], @record.slice(:total, :gone).keys
    assert_equal 3, @record.delete(:total)
  end

  def test_it_is_matched_by_patterns
    case @record
    in { total: Integer => total, customer: { name: } }
      assert_equal [3, 'Ada'], [total, name]
    end
  end
end
