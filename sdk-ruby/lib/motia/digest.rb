# frozen_string_literal: true

require 'digest'

module Motia
  # Identifies the files of a Load and what is in them, as the core does.
  module FilesDigest
    module_function

    # As hex. A file that is not there counts as empty.
    def of(root, paths)
      summary = Digest::SHA256.new
      paths.each do |path|
        file = File.join(root, path)
        content = File.file?(file) ? File.binread(file) : ''
        summary << "#{path.bytesize}:#{content.bytesize}:".b << path.b << content
      end
      summary.hexdigest
    end
  end
end
