# frozen_string_literal: true

module Motia
  # One stream: items in groups that browsers can watch.
  class Stream
    def initialize(caller, name)
      @caller = caller
      @name = name
    end

    # The item, or nil.
    def get(group_id, id)
      @caller.value(:stream_get, **place(group_id, id))
    end

    # Store an item and push it to who watches. Returns the stored item, with `id` and `_createdAt`.
    def set(group_id, id, data)
      @caller.value(:stream_set, **place(group_id, id), data: @caller.payload(data, 'data'))
    end

    # Remove an item. Returns it, or nil.
    def delete(group_id, id)
      @caller.value(:stream_delete, **place(group_id, id))
    end

    # All items of a group, oldest first.
    def get_group(group_id)
      @caller.value(:stream_get_group, stream: @name, group_id: @caller.key(group_id, 'group_id'))
    end
    alias getGroup get_group

    # Change an item in one go, as State#update. Returns the stored item; nil when it was removed.
    def update(group_id, id, operations)
      @caller.value(:stream_update, **place(group_id, id), operations: @caller.operations(operations))
    end

    # One page of a group, oldest first: `{"items", "cursor"}`; an empty cursor: there is nothing more.
    def list(group_id, cursor: '', limit: 100)
      @caller.value(:stream_list, stream: @name, group_id: @caller.key(group_id, 'group_id'), cursor: cursor,
                                  limit: @caller.limit(limit))
    end

    # All of `list`, as an Enumerator that reads page by page.
    def list_all(group_id)
      @caller.each_page { |cursor| list(group_id, cursor: cursor, limit: Caller::MOST_ITEMS) }
    end
    alias listAll list_all

    # The names of the groups that have items, in order.
    def groups
      @caller.value(:stream_groups, stream: @name)
    end

    # Push an event to who watches `{groupId, id}`, without `id` the whole group; nothing is stored.
    # The event is `{type, data}`.
    def send(channel, event)
      channel = Record.of(channel)
      event = Record.of(event)
      raise PayloadError, 'a stream event needs a type: send({ groupId: … }, { type: …, data: … })' unless event['type']

      fields = { stream: @name, group_id: @caller.key(channel['groupId'] || channel['group_id'], 'groupId'),
                 id: channel['id'].to_s, type: event['type'].to_s }
      fields[:data] = @caller.payload(event['data'], 'data') if event.key?('data')
      @caller.value(:stream_send, **fields)
    end

    private

    def place(group_id, id)
      { stream: @name, group_id: @caller.key(group_id, 'group_id'), id: @caller.key(id, 'id') }
    end
  end

  # `context.streams`: the project's streams, as `streams.chat` or `streams['chat']`.
  class Streams
    include Enumerable

    def initialize(caller)
      @caller = caller
    end

    # The stream; nil when the project has none of that name.
    def [](name)
      Stream.new(@caller, name.to_s) if names.include?(name.to_s)
    end

    def key?(name)
      names.include?(name.to_s)
    end

    # The names.
    def each(&block)
      names.sort.each(&block)
    end

    def respond_to_missing?(name, include_private = false)
      key?(name) || super
    end

    def method_missing(name, *arguments)
      return super unless arguments.empty?

      self[name] || raise(NoMethodError, "the project has no stream #{name}; it has: #{names.sort.join(', ')}")
    end

    private

    def names
      @caller.runtime.stream_names
    end
  end
end
