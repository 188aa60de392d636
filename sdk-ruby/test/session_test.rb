# frozen_string_literal: true

require 'minitest/autorun'
require 'minitest/mock'
require 'motia'
require 'motia/dispatch'
require 'motia/runtime'
require 'motia/session'
require 'motia/worker'
require 'timeout'

# An external session that is asked to end, and whose connection breaks.
class SessionTest < Minitest::Test
  V1 = Motia::V1
  Settings = Struct.new(:address, :external?)

  # A connection on which the test is the core: what it says, and what it hears.
  class Line
    def initialize
      @said = Thread::Queue.new
    end

    def say(frame)
      @said << V1::SessionResponse.new(frames: [V1::CoreFrame.new(**frame)])
    end

    def break
      @said << Motia::ConnectionLost.new('broken')
    end

    def each
      loop do
        said = @said.pop
        raise said if said.is_a?(Exception)

        yield said
      end
    end

    # Waits until this is the line that is written to.
    def heard(outbox)
      Timeout.timeout(10) do
        Thread.pass until (frames = outbox.take(self))
        frames.map(&:frame)
      end
    end

    def heard_s
      Motia::Attempt.now
    end

    def start(_max_bytes); end
    def write_logs(_messages); end
    def close; end
  end

  def setup
    @runtime = Motia::Runtime.new(2)
    worker = Motia::Worker.new(@runtime)
    @dials = Thread::Queue.new # session ids
    @lines = Thread::Queue.new # what dialling gets: greetings
    dispatch = Motia::Dispatch.new(@runtime, worker)
    Motia::Dialling.stub(:new, self) do
      @session = Motia::Session.new(Settings.new('core:7000', true), @runtime, worker, dispatch)
    end
    @first = connected
    @running = Thread.new { @session.run }
    @running.report_on_exception = false
    assert_equal '', @dials.pop
    assert_equal %i[credit credit], @first.heard(@runtime.outbox)
    @first.say(project: V1::Project.new) # from here on it can be resumed
  end

  def teardown
    @running.kill
  end

  def dial(session_id, _within_s)
    @dials << session_id
    @lines.pop
  end

  def dial_patiently
    dial('', nil)
  end

  def connected(resumed: false)
    line = Line.new
    welcome = V1::Welcome.new(session_id: 's', revision: 2, resumed: resumed, resume_window_ms: 1000,
                              heartbeat_interval_ms: 60_000, api_slots: 1, background_slots: 1)
    @lines << Motia::Dialling::Greeting.new(line, line, line, welcome, [])
    line
  end

  def drain(line)
    line.say(drain: V1::Drain.new(grace_ms: 1000))
    assert_equal %i[drained], line.heard(@runtime.outbox)
  end

  def test_leaving_that_may_be_lost_is_repeated
    assert @session.leave
    assert_equal %i[leaving], @first.heard(@runtime.outbox)
    @first.break
    assert_equal 's', @dials.pop
    second = connected(resumed: true)
    assert_equal %i[credit credit leaving], second.heard(@runtime.outbox)
    drain(second)
  end

  def test_leaving_during_a_break_is_sent_once
    @first.break
    assert_equal 's', @dials.pop
    assert @session.leave
    refute @session.leave
    second = connected(resumed: true)
    assert_equal %i[credit credit leaving], second.heard(@runtime.outbox).sort
    drain(second)
  end

  def test_who_is_not_leaving_does_not_say_so
    @first.break
    second = connected(resumed: true)
    assert_equal %i[credit credit], second.heard(@runtime.outbox)
  end

  def test_who_leaves_does_not_begin_another_session
    assert @session.leave
    @first.break
    connected
    assert @running.join(10)
    assert_equal ['s'], Array.new(@dials.size) { @dials.pop }
  end

  def test_who_is_drained_does_not_come_back
    drain(@first)
    @first.break
    assert @running.join(10)
    assert_empty @dials
  end
end
