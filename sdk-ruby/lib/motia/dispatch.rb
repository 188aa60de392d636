# frozen_string_literal: true

require 'motia/digest'
require 'motia/frames'
require 'motia/loader'

module Motia
  # Acts on the core's frames, in their order.
  class Dispatch
    def initialize(runtime, worker)
      @runtime = runtime
      @worker = worker
      @acks = Thread::Queue.new
      @loading = Mutex.new # what an import finds, and whether a Load of this session asks for it
      @ready = false
      @digest = nil
      @draining = nil
    end

    # Whether a lost connection can be resumed: the core has taken the manifest, and has not asked to finish.
    def resumable?
      @ready && @draining.nil?
    end

    # Whether the core has asked to finish.
    def draining?
      !@draining.nil?
    end

    def drained?
      @draining == :done
    end

    # The session is over; the next one loads anew.
    def forget
      @ready = false
      @loading.synchronize { @digest = nil }
      @acks.clear
    end

    def frames(frames)
      frames.each { |frame| act(frame) }
    end

    private

    def act(frame)
      case frame.frame
      when :invoke then invoke(frame.invoke)
      when :call_reply then @runtime.calls.settle(frame.call_reply)
      when :complete_ack then @runtime.ledger.confirm(frame.complete_ack.invocation_ids)
      when :chunk_ack then @worker.acknowledge(frame.chunk_ack)
      when :heartbeat_ack then @runtime.ledger.beat_arrived(frame.heartbeat_ack.sequence)
      when :cancel then @worker.cancel(frame.cancel)
      when :load then load(frame.load)
      when :loading_ack then @acks << frame.loading_ack.path
      when :project then project(frame.project)
      when :drain then drain(frame.drain)
      when :protocol_error then raise SessionRefused, frame.protocol_error.message
      when :welcome then unexpected('a second welcome in one session')
      else unknown(frame)
      end
    end

    def invoke(invoke)
      if invoke.manifest_digest != @digest
        raise ProtocolViolation.new(:PROTOCOL_ERROR_CODE_DIGEST, "Invoke of #{invoke.step} names the manifest " \
                                                                 "#{invoke.manifest_digest.inspect}, loaded is #{@digest.inspect}")
      end
      return @runtime.outbox.send(Frames.returned([invoke.invocation_id])) if @draining # DRAIN-5

      @worker.accept(invoke)
    end

    # Files are imported on a thread of their own: the acks come on this one. A later session gets what the first one has
    # loaded, or is loading (REMOTE-10).
    def load(load)
      unexpected('a second load in one session') if @digest
      check(load)
      is_first = @loaded_digest.nil?
      @loading.synchronize do
        @digest = @loaded_digest = load.digest
        @runtime.outbox.send(@found) if @found
      end
      Thread.new { import(load) } if is_first
    end

    def import(load)
      loaded = Loader.new(method(:announce), several: @runtime.several_steps?).load(load)
      @worker.steps = loaded.steps
      @worker.hooks = loaded.hooks
      tell(V1::SidecarFrame.new(manifest: loaded.manifest))
    end

    def announce(path)
      tell(V1::SidecarFrame.new(loading: V1::Loading.new(path: path)))
      nil until @acks.pop == path
    end

    # An import may outlive its session: then it is the next one's Load that asks for what it has found.
    def tell(found)
      @loading.synchronize do
        @found = found
        @runtime.outbox.send(found) if @digest
      end
    end

    # Whether the files here are those of the core.
    def check(load)
      FilesDigest.check(load, load.project_root.empty? ? Dir.pwd : load.project_root) if load.verify
      return if [nil, load.digest].include?(@loaded_digest)

      FilesDigest.differs("this process has loaded #{@loaded_digest}, the core serves #{load.digest}")
    end

    def project(project)
      @runtime.stream_names = project.stream_names.to_a
      @ready = true
    end

    def drain(drain)
      return if @draining

      @draining = :begun
      Thread.new { finish(Attempt.now + (drain.grace_ms / 1000.0)) }
    end

    CANCEL_S = 1.0 # what cancelled handlers get to stop
    FLUSH_S = 1.0

    def finish(deadline)
      @runtime.ledger.stop_granting
      returned = @worker.give_back
      @runtime.outbox.send(Frames.returned(returned)) unless returned.empty?
      @worker.abandon(CANCEL_S) unless @worker.wait_idle(deadline)
      @runtime.ledger.wait_settled([deadline, Attempt.now + CANCEL_S].max)
      @runtime.telemetry.finish(FLUSH_S)
      @draining = :done
      @runtime.outbox.close(V1::SidecarFrame.new(drained: V1::Drained.new))
    end

    def unexpected(what)
      raise ProtocolViolation.new(:PROTOCOL_ERROR_CODE_UNEXPECTED_FRAME, what)
    end

    # SHAPE-6
    def unknown(frame)
      return unless frame.must_understand

      raise ProtocolViolation.new(:PROTOCOL_ERROR_CODE_NOT_UNDERSTOOD,
                                  "a frame that must be understood is not known to motia-ruby #{VERSION}: upgrade it")
    end
  end
end
