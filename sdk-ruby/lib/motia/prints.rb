# frozen_string_literal: true

module Motia
  # Lines that handlers print, marked with the attempt that printed them (LAUNCH-8).
  module Prints
    MARK = "\u001f"

    # Stands in for $stdout or $stderr: what a thread of a handler writes goes out line by line, each with its mark.
    class Marked
      def initialize(io)
        @io = io
      end

      def write(*texts)
        attempt = Thread.current[:motia_attempt] or return @io.write(*texts)
        text = texts.join
        lines = (unfinished + text).lines
        self.unfinished = lines.last&.end_with?("\n") ? '' : (lines.pop || '')
        @io.write(lines.map { |line| "#{Prints.mark(attempt)}#{line}" }.join) unless lines.empty?
        text.bytesize
      end

      def puts(*items)
        lines = items.empty? ? [''] : items.flatten
        write(lines.map { |line| line.to_s.end_with?("\n") ? line.to_s : "#{line}\n" }.join)
        nil
      end

      def print(*items)
        write(*items)
        nil
      end

      def <<(item)
        write(item.to_s)
        self
      end

      def printf(format, *arguments)
        write(Kernel.format(format, *arguments))
        nil
      end

      # The end of an attempt ends its last line.
      def finish
        write("\n") unless unfinished.empty?
      end

      def flush
        @io.flush
        self
      end

      def respond_to_missing?(name, include_private = false)
        @io.respond_to?(name, include_private) || super
      end

      def method_missing(name, ...)
        @io.respond_to?(name) ? @io.public_send(name, ...) : super
      end

      private

      def unfinished
        Thread.current["motia_unfinished_#{@io.fileno}"] || ''
      end

      def unfinished=(text)
        Thread.current["motia_unfinished_#{@io.fileno}"] = text
      end
    end

    module_function

    # Follow prints from here on.
    def follow
      $stdout = Marked.new($stdout)
      $stderr = Marked.new($stderr)
    end

    # Run a block whose prints are those of an attempt.
    def of(attempt)
      Thread.current[:motia_attempt] = attempt
      yield
    ensure
      [$stdout, $stderr].each { |io| io.finish if io.is_a?(Marked) }
      Thread.current[:motia_attempt] = nil
    end

    def mark(attempt)
      "#{MARK}#{attempt.invoke.trace_id}#{MARK}#{attempt.invoke.step}#{MARK}"
    end
  end
end
