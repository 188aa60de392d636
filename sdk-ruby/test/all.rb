# frozen_string_literal: true

# Runs all unit tests: ruby -Ilib -Itest test/all.rb
require 'minitest/autorun'
Dir[File.join(__dir__, '*_test.rb')].sort.each { |file| require file }
