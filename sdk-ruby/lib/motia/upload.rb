# frozen_string_literal: true

require 'fileutils'
require 'stringio'

module Motia
  # One file that a client sent with a form. It is there until the handler has ended: `save` what is to stay.
  class Upload
    # Name of the form's field; name of the file as the client says it, without directories, otherwise not to be trusted;
    # type of the content, as the client says it; bytes.
    attr_reader :field, :filename, :content_type, :size

    # Where it is on disk; nil: it is small, and in memory.
    attr_reader :path

    alias contentType content_type

    def initialize(file)
      @field = file.field
      @filename = file.filename
      @content_type = file.content_type
      @size = file.size
      @path = file.path unless file.path.empty?
      @data = file.data
    end

    # An IO to read it from; closed after the block, when there is one.
    def open(&block)
      return File.open(@path, 'rb', &block) if @path

      io = StringIO.new(@data)
      block ? yield(io) : io
    end

    # All of it, as bytes.
    def read
      @path ? File.binread(@path) : @data.b
    end

    # Copy it to a path of your own.
    def save(path)
      @path ? FileUtils.cp(@path, path) : File.binwrite(path, @data)
    end
  end
end
