# frozen_string_literal: true

require 'motia'

def config
  { type: 'event', name: 'terminal ruby', subscribes: ['terminal.ruby'], emits: [] }
end

def handler
  raise Motia::TerminalError, 'never again'
end
