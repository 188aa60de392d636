# frozen_string_literal: true

require 'motia/failures'

module Motia
  # Complete frames: how an attempt ended.
  module Complete
    module_function

    # With an outcome: `http:`, `done:`, `answer:`, `suspended:` or `failure:`.
    def frame(attempt, handler_us, **outcome)
      complete = V1::Complete.new(invocation_id: attempt.id, lease_token: attempt.invoke.lease_token,
                                  handler_us: handler_us, **outcome)
      V1::SidecarFrame.new(complete: complete)
    end

    # The handler raised, or was interrupted: then the reason of that is the failure (CANCEL-3).
    def failed(attempt, error, handler_us)
      return interrupted(attempt, error, handler_us) if attempt.interrupted?

      frame(attempt, handler_us, failure: Failures.of(error))
    end

    # It was cancelled, and its result does not count.
    def interrupted(attempt, error, handler_us)
      if attempt.cancel_reason == :CANCEL_REASON_TIMEOUT
        kind = :FAILURE_KIND_TIMEOUT
        message = "Step execution timed out after #{(attempt.invoke.timeout_ms / 1000.0).to_s.delete_suffix('.0')} seconds"
      else
        kind = :FAILURE_KIND_CANCELLED
        message = "Step execution was cancelled: #{attempt.reason}"
      end
      failure = error ? Failures.of(error, kind: kind, message: message) : Failures.plain(kind, message)
      frame(attempt, handler_us, failure: failure)
    end

    # The step has no handler here (INVOKE-10).
    def not_loaded(attempt, message)
      frame(attempt, 0, failure: Failures.plain(:FAILURE_KIND_LOAD_ERROR, message))
    end
  end
end
