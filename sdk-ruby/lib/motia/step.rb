# frozen_string_literal: true

module Motia
  # A step as the worker knows it.
  #
  # reference: Invoke.step, for logs and errors. flows: of its config. run: called with input and context; nil: it has no
  # handler. atomic: what it emits and writes is held back until it completes (CALL-16).
  Step = Struct.new(:reference, :flows, :run, :atomic, keyword_init: true)
end
