# frozen_string_literal: true

require 'motia/durations'

module Motia
  # `context.state`: values in groups, shared by all steps and languages.
  class State
    def initialize(caller)
      @caller = caller
    end

    # The value; nil when there is none.
    def get(group_id, key)
      @caller.value(:state_get, **place(group_id, key))
    end

    # Store a value, and return it. `ttl:` is after how long it is gone: seconds, or "500ms", "30s", "5m", "2h", "7d".
    def set(group_id, key, value, ttl: nil)
      @caller.text(:state_set, **place(group_id, key), value: @caller.payload(value, 'value'), ttl_ms: ttl_ms(ttl))
      value
    end

    # Remove a value. Returns what it was, or nil.
    def delete(group_id, key)
      @caller.value(:state_delete, **place(group_id, key))
    end

    # All values of a group, ordered by key.
    def get_group(group_id)
      @caller.value(:state_get_group, group_id: @caller.key(group_id, 'group_id'))
    end
    alias getGroup get_group

    # Remove a whole group.
    def clear(group_id)
      @caller.value(:state_clear, group_id: @caller.key(group_id, 'group_id'))
    end

    # The names of the groups that have values, in order.
    def groups
      @caller.value(:state_groups)
    end

    # `{"value", "version"}` for `compare_and_set`; nil and 0 when there is no value.
    def get_versioned(group_id, key)
      @caller.value(:state_get_versioned, **place(group_id, key))
    end
    alias getVersioned get_versioned

    # Store a value if nobody has stored another one since its version was read; 0: there must be none.
    # Returns `{"ok", "version"}`: whether it was stored, and the version that the value has now.
    def compare_and_set(group_id, key, expected_version, value, ttl: nil)
      unless expected_version.is_a?(Integer) && !expected_version.negative?
        raise ArgumentError,
              "expected_version is #{expected_version.inspect}: give the version from get_versioned, or 0"
      end

      @caller.value(:state_compare_and_set, **place(group_id, key), expected_version: expected_version,
                                                                    value: @caller.payload(value, 'value'), ttl_ms: ttl_ms(ttl))
    end
    alias compareAndSet compare_and_set

    # Change a value in one go: all operations or, when one cannot be done, none. Each has a "type" (set, merge, increment,
    # append, remove) and a "path", a JSON pointer. Returns the new value; nil when it was removed.
    def update(group_id, key, operations)
      @caller.value(:state_update, **place(group_id, key), operations: @caller.operations(operations))
    end

    # One page of the keys that start with `prefix`: `{"items": [{"key", "value"}], "cursor"}`; an empty cursor: no more.
    def list(group_id, prefix: '', cursor: '', limit: 100)
      @caller.value(:state_list, group_id: @caller.key(group_id, 'group_id'), prefix: prefix.to_s, cursor: cursor,
                                 limit: @caller.limit(limit))
    end

    # All of `list`, as an Enumerator that reads page by page.
    def list_all(group_id, prefix: '')
      @caller.each_page { |cursor| list(group_id, prefix: prefix, cursor: cursor, limit: Caller::MOST_ITEMS) }
    end
    alias listAll list_all

    # 0.x: `state[:get].call(group, key)`.
    def [](name)
      method(name)
    end

    private

    def place(group_id, key)
      { group_id: @caller.key(group_id, 'group_id'), key: @caller.key(key, 'key') }
    end

    def ttl_ms(ttl)
      ttl.nil? ? 0 : Durations.positive(ttl, 'ttl')
    end
  end
end
