# frozen_string_literal: true

require 'not_there'

config = { type: 'event', name: 'broken', subscribes: [] }
