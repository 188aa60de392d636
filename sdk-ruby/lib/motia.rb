# frozen_string_literal: true

# What step files may use of the SDK: its errors, and the values that handlers get.
module Motia
  VERSION = '0.1.0'
end

require 'motia/errors'
require 'motia/record'
require 'motia/server_sent'
