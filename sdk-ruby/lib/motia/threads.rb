# frozen_string_literal: true

module Motia
  # Threads that run handlers. There are as many as there are attempts at once, which the credit bounds.
  class Threads
    def initialize
      @mutex = Mutex.new
      @jobs = Thread::Queue.new
      @idle = 0
    end

    # Run a block on a thread that has nothing else to do.
    def submit(&job)
      @mutex.synchronize do
        if @idle.positive?
          @idle -= 1
        else
          start
        end
        @jobs << job
      end
    end

    private

    # Cancelled reaches a thread within a handler only (see Worker), never between two of them.
    def start
      thread = Thread.new do
        Thread.handle_interrupt(Cancelled => :never) do
          loop do
            @jobs.pop.call
            @mutex.synchronize { @idle += 1 }
          end
        end
      end
      thread.report_on_exception = true
    end
  end
end
