# frozen_string_literal: true

config = { type: 'noop', name: 'noop ruby', virtual_emits: ['noop.ruby'], virtual_subscribes: [] }
