# frozen_string_literal: true

require 'digest'
require 'motia/errors'

module Motia
  # Whether the files here are those of the core, when they may be others.
  module FilesDigest
    module_function

    # Identifies files and what is in them, as the core does; hex.
    def of(root, paths)
      summary = Digest::SHA256.new
      paths.each do |path|
        content = content_of(File.join(root, path))
        summary << "#{path.bytesize}:#{content.bytesize}:".b << path.b << content
      end
      summary.hexdigest
    end

    # FilesDiffer: they are others.
    def check(load, root)
      paths = load.files.map(&:path)
      here = of(root, paths)
      return if here == load.digest

      differs("the files in #{root} have the digest #{here}, those of the core #{load.digest}#{unread(root, paths)}")
    end

    # A file that cannot be read counts as an empty one (REMOTE-6).
    def content_of(file)
      File.file?(file) ? File.binread(file) : ''
    rescue SystemCallError
      ''
    end

    # Which file cannot be read, and why; nil: all can.
    def unread(root, paths)
      gone = paths.find { |path| !File.file?(File.join(root, path)) }
      return "; #{gone} is not there" if gone

      closed = paths.find { |path| !File.readable?(File.join(root, path)) }
      "; #{closed} cannot be read" if closed
    end

    def differs(what)
      raise FilesDiffer.new(:PROTOCOL_ERROR_CODE_DIGEST, "#{what}: deploy the same version of the project to both")
    end
  end
end
