# frozen_string_literal: true

require 'minitest/autorun'
require 'motia'

class DurationsTest < Minitest::Test
  def test_numbers_are_seconds_and_texts_have_units
    { 1 => 1000, 0.0001 => 1, 0 => 0, '500ms' => 500, ' 1.5h ' => 5_400_000, '7d' => 604_800_000 }.each do |given, ms|
      assert_equal ms, Motia::Durations.milliseconds(given, 'delay')
    end
  end

  def test_what_is_no_duration_is_refused_by_name
    [-1, 'soon', nil, Float::NAN, '99999d', []].each do |wrong|
      assert_match(/\Adelay/, assert_raises(ArgumentError) { Motia::Durations.milliseconds(wrong, 'delay') }.message)
    end
    assert_raises(ArgumentError) { Motia::Durations.positive(0, 'ttl') }
  end

  def test_times_are_times_texts_and_seconds
    at = Time.utc(2030, 1, 31, 9)
    [at, '2030-01-31T09:00:00Z', '2030-01-31T10:00:00+01:00', at.to_i].each do |given|
      assert_equal at.to_i * 1000, Motia::Durations.unix_ms(given, 'at')
    end
    [at.to_i * 1000, 'tomorrow', nil].each { |wrong| assert_raises(ArgumentError) { Motia::Durations.unix_ms(wrong, 'at') } }
  end

  def test_retryable_errors_say_when
    assert_equal 30_000, Motia::RetryableError.new('busy', retry_after: '30s').retry_after_ms
    assert_equal 0, Motia::RetryableError.new(retry_after: -5).retry_after_ms
    assert_nil Motia::RetryableError.new('busy').retry_after_ms
  end
end
