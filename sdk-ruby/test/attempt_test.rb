# frozen_string_literal: true

require 'minitest/autorun'
require 'motia'
require 'motia/runtime'
require 'motia/worker'

# Attempts, their Completes and their credit, as frames.
class AttemptTest < Minitest::Test
  V1 = Motia::V1

  def setup
    @runtime = Motia::Runtime.new(2)
    @worker = Motia::Worker.new(@runtime)
    @runtime.outbox.attach(self)
    @runtime.ledger.open(2, 2)
    assert_equal %i[credit credit], frames.map(&:frame)
  end

  def frames
    @runtime.outbox.take(self)
  end

  def until_frame(kind)
    loop do
      found = frames.find { |frame| frame.frame == kind }
      return found.public_send(kind) if found
    end
  end

  def run_step(id: 1, atomic: false, &handler)
    @worker.steps = { 's' => Motia::Step.new(reference: 's', flows: [], run: handler, atomic: atomic) }
    @worker.accept(V1::Invoke.new(invocation_id: id, lease_token: 7, step: 's', pool: :POOL_BACKGROUND, durable: true,
                                  event: V1::EventInput.new))
  end

  def test_a_complete_travels_with_the_credit_of_its_slot
    run_step { nil }
    complete, credit = frames
    assert_equal %i[complete credit], [complete.frame, credit.frame]
    assert_equal [1, 7, :done], [complete.complete.invocation_id, complete.complete.lease_token, complete.complete.outcome]
    assert_equal 3, credit.credit.granted
  end

  def test_a_handler_that_takes_long_is_accepted
    gate = Thread::Queue.new
    run_step { gate.pop }
    assert_equal [1], until_frame(:accepted).invocation_ids.to_a
    gate << true
    assert_equal :done, until_frame(:complete).outcome
  end

  def test_failures_carry_class_message_and_place
    run_step { raise ArgumentError, 'no' }
    failure = until_frame(:complete).failure
    assert_equal ['ArgumentError', 'no', 'ruby'], [failure.type, failure.message, failure.language]
    assert_match(/attempt_test\.rb/, failure.stack)
    refute_match(%r{lib/motia/}, failure.stack)
  end

  def test_exit_ends_the_attempt_only
    run_step { exit 3 }
    assert_equal 'handler called exit(3)', until_frame(:complete).failure.message
  end

  def test_a_handler_that_blocks_is_interrupted
    run_step { sleep 60 }
    until_frame(:accepted)
    @worker.cancel(V1::Cancel.new(invocation_id: 1, reason: :CANCEL_REASON_TIMEOUT))
    assert_equal :FAILURE_KIND_TIMEOUT, until_frame(:complete).failure.kind
  end

  def test_an_interruption_that_comes_late_does_not_hit_the_next_attempt
    20.times do |number|
      run_step(id: number + 1) { |_, context| nil until context.signal.cancelled? }
      @worker.cancel(V1::Cancel.new(invocation_id: number + 1, reason: :CANCEL_REASON_USER))
      assert_equal :FAILURE_KIND_CANCELLED, until_frame(:complete).failure.kind
      run_step(id: number + 100) { sleep 0.001 }
      assert_equal :done, until_frame(:complete).outcome
    end
  end

  def test_a_call_is_answered_before_the_complete
    run_step { |_, context| Thread.new { context.emit(topic: 't') } && sleep(0.02) }
    call = until_frame(:call)
    assert_equal 't', call.emit.topic
    sleep 0.05
    @runtime.calls.settle(V1::CallReply.new(call_id: call.call_id, value: 'null'))
    assert_equal :done, until_frame(:complete).outcome
  end

  def test_writes_within_run_of_an_atomic_step_are_not_sent
    run_step(atomic: true) { |_, context| context.run('k') { context.emit(topic: 't') } }
    assert_equal 'Motia::WriteInRunError', until_frame(:complete).failure.type
  end

  def test_a_wait_unwinds_the_handler_and_runs_its_ensure
    seen = Thread::Queue.new
    run_step do |_, context|
      context.sleep('1s')
      seen << :went_on
    rescue StandardError, Motia::Cancelled
      seen << :rescued
    ensure
      seen << :ensured
    end
    suspended = until_frame(:complete).suspended
    assert_equal ['sleep:1', 1000], [suspended.key, suspended.sleep_ms]
    assert_equal [:ensured], Array.new(seen.size) { seen.pop }
  end

  def test_an_invoke_that_is_sent_again_starts_nothing
    run_step { nil }
    until_frame(:complete)
    run_step { flunk }
    @runtime.outbox.send(Motia::Frames.returned([9]))
    assert_equal [:returned], frames.map(&:frame)
  end

  def test_a_step_that_is_not_there_is_a_load_error
    @worker.accept(V1::Invoke.new(invocation_id: 5, step: 'gone', pool: :POOL_API, cron: V1::CronTick.new))
    assert_equal :FAILURE_KIND_LOAD_ERROR, until_frame(:complete).failure.kind
  end
end
