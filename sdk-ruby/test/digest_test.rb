# frozen_string_literal: true

require 'minitest/autorun'
require 'minitest/mock'
require 'motia'
require 'motia/digest'
require 'motia/gen/messages'
require 'tmpdir'

# The digest of files that are there, that are not, and that cannot be read.
class DigestTest < Minitest::Test
  def in_project
    Dir.mktmpdir do |root|
      File.write(File.join(root, 'a.step.rb'), 'one')
      yield root
    end
  end

  def test_it_is_of_paths_and_contents
    in_project do |root|
      assert_equal Digest::SHA256.hexdigest('9:3:a.step.rbone'), Motia::FilesDigest.of(root, ['a.step.rb'])
    end
  end

  def test_what_cannot_be_read_counts_as_empty
    empty = Digest::SHA256.hexdigest('9:0:a.step.rb')
    in_project do |root|
      File.stub(:binread, ->(path) { raise Errno::EACCES, path }) do
        assert_equal empty, Motia::FilesDigest.of(root, ['a.step.rb'])
      end
      File.delete(File.join(root, 'a.step.rb'))
      assert_equal empty, Motia::FilesDigest.of(root, ['a.step.rb'])
      Dir.mkdir(File.join(root, 'a.step.rb'))
      assert_equal empty, Motia::FilesDigest.of(root, ['a.step.rb'])
    end
  end

  def test_a_refusal_names_both_digests_and_the_file_that_is_not_readable
    in_project do |root|
      load = Motia::V1::Load.new(digest: 'ab', files: [Motia::V1::SourceFile.new(path: 'a.step.rb')])
      error = File.stub(:readable?, false) { assert_raises(Motia::FilesDiffer) { Motia::FilesDigest.check(load, root) } }
      assert_match(/have the digest #{Motia::FilesDigest.of(root, ['a.step.rb'])}, those of the core ab; a\.step\.rb cannot/,
                   error.message)
      File.delete(File.join(root, 'a.step.rb'))
      error = assert_raises(Motia::FilesDiffer) { Motia::FilesDigest.check(load, root) }
      assert_match(/a\.step\.rb is not there: deploy/, error.message)
    end
  end
end
