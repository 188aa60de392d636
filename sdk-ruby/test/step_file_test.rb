# frozen_string_literal: true

require 'minitest/autorun'
require 'motia'
require 'motia/description'
require 'motia/step_file'
require 'tmpdir'

class StepFileTest < Minitest::Test
  def loaded(source)
    Dir.mktmpdir do |folder|
      path = File.join(folder, 'a.step.rb')
      File.write(path, source)
      return Motia::StepFile.new(path).load
    end
  end

  def described(source)
    Motia::Description.new('steps/a.step.rb').add_steps(loaded(source).definitions)
  end

  def test_config_may_be_a_method_or_a_variable
    [%(def config\n  { name: 'A' }\nend\n), "config = { name: 'A' }\n"].each do |source|
      assert_equal({ name: 'A' }, loaded(source).config)
    end
  end

  def test_handler_may_be_a_method_or_a_lambda_and_private
    ["def handler(a) = a\n", "handler = ->(a) { a }\n", "private\n\ndef handler(a) = a\n"].each do |source|
      assert_equal 7, loaded("config = {}\n#{source}").function('handler').call(7)
    end
  end

  def test_a_file_has_names_of_its_own
    first = loaded("LIMIT = 1\ndef config = { limit: LIMIT, pid: Process.pid, error: Error }\nclass Error; end\n")
    loaded("LIMIT = 2\ndef config = {}\n")
    assert_equal 1, first.config[:limit]
    assert_equal Process.pid, first.config[:pid]
    refute_equal Motia::Error, first.config[:error]
    refute self.class.const_defined?(:LIMIT)
  end

  def test_what_kernel_has_is_no_handler
    assert_nil loaded("config = { type: 'noop' }\n").function('handler')
    assert_raises(Motia::ConfigError) { loaded("def handler; end\n").config }
    assert_raises(Motia::ConfigError) { loaded("config = [1]\n").config }
  end

  def test_several_steps_of_a_file_have_keys_and_may_return
    steps = described(<<~RUBY).steps
      api 'GET', '/a', name: 'A' do |req|
        return { status: 201 } if req

        { status: 200 }
      end

      event 'x', emits: [] do
        7
      end
    RUBY
    assert_equal ['steps/a.step.rb#A', 'steps/a.step.rb#event x'], steps.keys
    assert_equal({ status: 201 }, steps['steps/a.step.rb#A'].run.call(1, nil))
    assert_equal 7, steps['steps/a.step.rb#event x'].run.call(1, nil)
  end

  def test_two_steps_of_one_name_are_refused
    assert_raises(Motia::ConfigError) { described("api 'GET', '/a'\napi 'GET', '/a'\n") }
  end

  def test_what_is_no_data_is_left_out_of_the_config
    message = described(<<~RUBY).messages.first
      config = { type: 'api', body_schema: { type: 'object' }, middleware: [->(_, _, following) { following.call }], x: -> {} }
      def handler = nil
    RUBY
    assert_equal '{"type":"api","bodySchema":{"type":"object"}}', message.config
    assert_equal [1, true, 1], [message.middleware_count, message.has_handler, message.line]
  end

  def test_a_schema_that_is_none_is_left_out_with_a_warning
    message = described("config = { type: 'event', input: Object.new }\n").messages.first
    assert_equal '{"type":"event"}', message.config
    assert_match(/config\.input is a Object/, message.warnings.first)
  end

  def test_middleware_that_cannot_be_called_is_refused
    assert_raises(Motia::ConfigError) { described("config = { middleware: [1] }\n") }
  end

  def test_a_guard_that_is_no_function_fails_its_file
    file = loaded("config = { name: 's', can_access: true }\n")
    assert_raises(Motia::ConfigError) { Motia::Description.stream('s.stream.rb', file) }
  end
end
