# frozen_string_literal: true

require 'minitest/autorun'
require 'motia'
require 'motia/dispatch'
require 'motia/runtime'
require 'motia/worker'
require 'tmpdir'

# An import that outlives its session.
class DispatchTest < Minitest::Test
  V1 = Motia::V1

  def setup
    @root = Dir.mktmpdir
    File.write(File.join(@root, 'a.step.rb'), "GATE.pop\nraise 'no'\n")
    Object.const_set(:GATE, Thread::Queue.new)
    @runtime = Motia::Runtime.new(2)
    @dispatch = Motia::Dispatch.new(@runtime, Motia::Worker.new(@runtime))
    @runtime.outbox.attach(self)
  end

  def teardown
    Object.send(:remove_const, :GATE)
    FileUtils.rm_rf(@root)
  end

  def load
    files = [V1::SourceFile.new(path: 'a.step.rb')]
    @dispatch.frames([V1::CoreFrame.new(load: V1::Load.new(digest: 'ab', project_root: @root, files: files))])
  end

  def acknowledge
    @dispatch.frames([V1::CoreFrame.new(loading_ack: V1::LoadingAck.new(path: 'a.step.rb'))])
  end

  def taken
    @runtime.outbox.take(self).map(&:frame)
  end

  # What is sent until this: nothing but it.
  def only_sent
    @runtime.outbox.send(Motia::Frames.leaving)
    taken - %i[leaving]
  end

  # Until the import has ended: its thread is the one that was not there before.
  def ended(before)
    (Thread.list - before).each { |thread| assert thread.join(10) }
  end

  def test_what_it_finds_waits_for_the_load_of_the_next_session
    before = Thread.list
    load
    assert_equal %i[loading], taken
    acknowledge
    Thread.pass until GATE.num_waiting == 1
    @dispatch.forget
    GATE << true
    ended(before)
    assert_empty only_sent
    load
    assert_equal %i[manifest], taken
  end

  def test_a_load_while_it_goes_on_is_answered_once
    before = Thread.list
    load
    taken
    acknowledge
    Thread.pass until GATE.num_waiting == 1
    @dispatch.forget
    load
    assert_equal %i[loading], taken
    GATE << true
    ended(before)
    assert_equal %i[manifest], taken
    assert_empty only_sent
  end
end
