# frozen_string_literal: true

require 'motia/payload'
require 'motia/request'
require 'motia/step'

module Motia
  # The functions that say what clients of streams may do: those of a stream's file.
  module Hooks
    NAMES = {
      STREAM_HOOK_KIND_CAN_ACCESS: %w[canAccess can_access], STREAM_HOOK_KIND_CAN_SEND: %w[canSend can_send],
      STREAM_HOOK_KIND_JOIN: %w[onJoin on_join], STREAM_HOOK_KIND_LEAVE: %w[onLeave on_leave]
    }.freeze
    CONFIG_NAMES = NAMES.values.flatten.freeze
    FIELDS = {
      has_can_access: :STREAM_HOOK_KIND_CAN_ACCESS, has_can_send: :STREAM_HOOK_KIND_CAN_SEND,
      has_on_join: :STREAM_HOOK_KIND_JOIN, has_on_leave: :STREAM_HOOK_KIND_LEAVE
    }.freeze

    module_function

    # The functions of a stream by kind: in its config, or of its file. ConfigError: one is no function (HOOK-1).
    def of(config, file)
      NAMES.each_with_object({}) do |(kind, names), hooks|
        names.each do |name|
          function = config.key?(name) ? config[name] : file.function(name)
          next if function.nil?
          raise ConfigError, "#{name} must be a lambda or a method, it is a #{function.class}" unless function.respond_to?(:call)

          hooks[kind] = function
        end
      end
    end

    # What the worker runs when one of them is asked.
    def step(path, function)
      function = Functions.lenient(function)
      Step.new(reference: path, flows: [], run: ->(hook, context) { function.call(*arguments(hook, context)) })
    end

    # What a function returned, as JSON text. Only true lets anybody in (HOOK-3).
    def answer(hook, result)
      asks = %i[STREAM_HOOK_KIND_CAN_ACCESS STREAM_HOOK_KIND_CAN_SEND].include?(hook.kind)
      Payload.encode(asks ? result == true : result, 'what the function returned')
    end

    def arguments(hook, context)
      auth = Payload.decode(hook.auth, 'the auth context') unless hook.auth.empty?
      about = Record.of('streamName' => hook.stream, 'groupId' => hook.group_id)
      about['id'] = hook.id unless hook.id.empty?
      case hook.kind
      when :STREAM_HOOK_KIND_CAN_ACCESS then [about, auth, context]
      when :STREAM_HOOK_KIND_CAN_SEND then [about.merge('message' => message(hook)), auth, context]
      else [about.merge('connectionId' => hook.connection_id), context, auth]
      end
    end

    def message(hook)
      message = Record.of('type' => hook.message_type)
      message['data'] = Payload.decode(hook.message_data, 'the message') unless hook.message_data.empty?
      message
    end

    private_class_method :arguments, :message
  end
end
