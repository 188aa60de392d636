# frozen_string_literal: true

config = { type: 'event', name: 'broken', subscribes: [] }
exit
