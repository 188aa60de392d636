# frozen_string_literal: true

require 'motia/complete'
require 'motia/context'
require 'motia/hooks'
require 'motia/request'
require 'motia/response'
require 'motia/response_stream'

module Motia
  # One attempt's way through its handler, on the thread that runs it.
  class Handling
    def initialize(attempt, runtime)
      @attempt = attempt
      @runtime = runtime
    end

    # Its Complete. Cancelled arrives while user code blocks, and nowhere else (CANCEL-2).
    def complete
      context = Context.new(@attempt, @runtime)
      result = catch(Progress::SUSPENDED) do
        Thread.handle_interrupt(Cancelled => :on_blocking) { result_of(context) }
      end
      handler_us = @attempt.handler_us
      flush
      return Complete.interrupted(@attempt, nil, handler_us) if @attempt.interrupted?
      if (error = @attempt.unnoticed_error)
        return Complete.failed(@attempt, error, handler_us)
      end
      return Complete.frame(@attempt, handler_us, suspended: @attempt.suspension) if @attempt.suspension

      Complete.frame(@attempt, handler_us, **succeeded(result))
    rescue Exception => e # rubocop:disable Lint/RescueException -- boundary: whatever a handler raises is data
      handler_us ||= @attempt.handler_us
      flush
      if @attempt.suspension && !@attempt.interrupted? && e.is_a?(StandardError)
        Logger.new(@attempt, @runtime).warn('raised while its attempt was being suspended; nothing comes of it', error: e)
        return Complete.frame(@attempt, handler_us, suspended: @attempt.suspension)
      end
      Complete.failed(@attempt, e, handler_us)
    end

    private

    def result_of(context)
      result = @attempt.step.run.call(input_of(@attempt.invoke), context)
      return result unless @attempt.api? && !@attempt.suspension

      socket = @attempt.invoke.http.socket
      response = socket ? Response.of_socket(socket, result) : Response.of(result)
      return response unless response.has_body && ResponseStream.streamed?(response.body)
      raise BadResultError, 'an event of a WebSocket connection has one answer: send more with sockets.send' if socket

      ResponseStream.new(@attempt, response, @runtime).run
      response
    end

    def input_of(invoke)
      invoke.trigger == :stream ? invoke.stream : Request.of(invoke)
    end

    def succeeded(result)
      case @attempt.invoke.trigger
      when :http
        return { http: result.to_message(@runtime.max_payload_bytes) } unless @attempt.stream

        { done: V1::Done.new }
      when :stream then { answer: V1::HookAnswer.new(value: Hooks.answer(@attempt.invoke.stream, result)) }
      else { done: V1::Done.new }
      end
    end

    # Calls that the handler's threads have made and not waited for (INVOKE-5); after that there are no more, and nothing
    # interrupts this thread: what had no time to do so must not do it to the next attempt.
    def flush
      @attempt.flush
      @attempt.close
      Thread.handle_interrupt(Cancelled => :immediate) { Thread.pass } if Thread.pending_interrupt?(Cancelled)
    rescue Cancelled
      retry
    end
  end
end
