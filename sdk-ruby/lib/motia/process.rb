# frozen_string_literal: true

require 'motia/dispatch'
require 'motia/runtime'
require 'motia/session'
require 'motia/settings'
require 'motia/worker'

module Motia
  # The sidecar process: environment, standard streams, and how it all ends.
  class Process
    EXIT_DRAINED = 0
    EXIT_CORE_GONE = 1
    EXIT_USAGE = 2
    EXIT_PROTOCOL = 3

    # Run until the core drains the sidecar or is gone. The process ends here.
    def run
      prepare_streams
      settings = read_settings
      watch_stdin unless settings.external?
      Prints.follow if settings.marks && !settings.external? # REMOTE-1
      leave(serve(settings))
    end

    private

    def read_settings
      Settings.new
    rescue Settings::Wrong => e
      leave(complain(e.message, EXIT_USAGE))
    end

    def serve(settings)
      runtime = Runtime.new
      worker = Worker.new(runtime)
      session = Session.new(settings, runtime, worker, Dispatch.new(runtime, worker))
      heed_signals(settings, session)
      session.run
      EXIT_DRAINED
    rescue ConnectionLost => e
      complain("the core is gone: #{e.message}", EXIT_CORE_GONE)
    rescue SessionRefused => e
      complain("the core ended the session: #{e.message}", EXIT_PROTOCOL)
    rescue FilesDiffer => e
      complain(e.message, EXIT_PROTOCOL)
    rescue ProtocolViolation => e
      complain("the core broke the protocol: #{e.message}. Do the versions of core and SDK fit?", EXIT_PROTOCOL)
    end

    # Ctrl-C reaches the whole terminal group; what to do about it is the core's to say. Who is not launched by it is told by
    # others when to end. Locks cannot be taken in a signal handler, so it starts a thread.
    def heed_signals(settings, session)
      return trap('INT') { nil } unless settings.external?

      %w[TERM INT].each { |name| trap(name) { Thread.new { leave(EXIT_DRAINED) unless session.leave } } }
    end

    def complain(message, code)
      warn "motia: #{message}"
      code
    end

    # The core reads both line by line, as UTF-8.
    def prepare_streams
      Encoding.default_external = Encoding::UTF_8
      [$stdout, $stderr].each { |io| io.sync = true }
    end

    # End the process as soon as the core lets go of its end of our stdin (LAUNCH-3); user code gets an empty one.
    def watch_stdin
      status = $stdin.stat
      return unless status.pipe? || status.socket? # started by hand

      held_by_core = $stdin.dup
      $stdin.reopen(File::NULL)
      Thread.new do
        nil while held_by_core.read(4096)
        exit!(EXIT_CORE_GONE)
      end
    end

    # Without waiting for threads that may never end, those of gRPC among them.
    def leave(code)
      [$stdout, $stderr].each(&:flush)
      exit!(code)
    end
  end
end
