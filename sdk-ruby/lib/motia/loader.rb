# frozen_string_literal: true

require 'motia/description'
require 'motia/step_file'

module Motia
  # Imports the files that the core lists and describes what they define. One broken file never stops the others.
  class Loader
    # What the files define: the manifest, the steps by reference, the hooks by path and kind.
    Loaded = Struct.new(:manifest, :steps, :hooks)

    # announce: called with each path, returns when the core knows it (LOAD-2).
    def initialize(announce, several: true)
      @announce = announce
      @several = several
    end

    def load(load)
      @root = load.project_root.empty? ? Dir.pwd : load.project_root
      loaded = Loaded.new(V1::Manifest.new(digest: load.digest), {}, {})
      load.files.each do |file|
        @announce.call(file.path)
        add(loaded, file)
      rescue Exception => e # rubocop:disable Lint/RescueException -- boundary: whatever a file does is its own fault only
        loaded.manifest.errors << error_of(file.path, e)
      end
      loaded
    end

    private

    def add(loaded, source)
      file = StepFile.new(File.join(@root, source.path)).load
      if source.kind == :FILE_KIND_STREAM
        message, hooks = Description.stream(source.path, file)
        loaded.manifest.streams << message
        loaded.hooks.update(hooks)
      else
        description = Description.new(source.path).add_steps(file.definitions, several: @several)
        loaded.manifest.steps.concat(description.messages)
        loaded.steps.update(description.steps)
      end
    end

    def error_of(path, error)
      file, line = place_of(error)
      V1::FileError.new(
        path: path, phase: phase_of(error), message: Failures.safe_text(message_of(error), Failures::MAX_BYTES),
        stack: Failures.stack(error), file: file, line: line,
        missing_module: error.is_a?(LoadError) ? error.path.to_s : ''
      )
    end

    def phase_of(error)
      case error
      when LoadError then :LOAD_PHASE_RESOLVE
      when SyntaxError then :LOAD_PHASE_COMPILE
      when ConfigError then :LOAD_PHASE_CONFIG
      else :LOAD_PHASE_IMPORT
      end
    end

    def message_of(error)
      return "the file called exit(#{error.status})" if error.is_a?(SystemExit)

      message = Failures.message(error).gsub("#{@root}/", '')
      error.is_a?(ConfigError) || error.is_a?(ScriptError) ? message : "#{error.class}: #{message}"
    end

    # File and line of the user's that it happened at.
    def place_of(error)
      at = error.is_a?(SyntaxError) ? error.message : (error.backtrace || []).find { |line| line.start_with?("#{@root}/") }
      found = at && %r{\A#{Regexp.escape(@root)}/(.+?):(\d+)}.match(at)
      found ? [found[1], found[2].to_i] : ['', 0]
    end
  end
end
