# frozen_string_literal: true

require 'openssl'

# Makes certificates for tests, as PEM files of one folder.
class Authority
  attr_reader :file

  def initialize(folder, name)
    @folder = folder
    @key = OpenSSL::PKey::EC.generate('prime256v1')
    @certificate = certificate(name, @key, name, @key)
    @file = write("#{name}.pem", @certificate.to_pem)
  end

  # Paths of a certificate for this name, and of its key.
  def sign(name)
    key = OpenSSL::PKey::EC.generate('prime256v1')
    [write("#{name}.pem", certificate(name, key, @certificate.subject.to_a.first[1], @key).to_pem),
     write("#{name}.key", key.to_pem)]
  end

  private

  def certificate(name, key, issuer, signing)
    made = OpenSSL::X509::Certificate.new
    made.version = 2
    made.serial = rand(1 << 32)
    made.subject = OpenSSL::X509::Name.new([['CN', name]])
    made.issuer = OpenSSL::X509::Name.new([['CN', issuer]])
    made.public_key = key
    made.not_before = Time.now - 60
    made.not_after = Time.now + 3600
    extend_certificate(made, name, is_authority: key.equal?(signing))
    made.sign(signing, 'SHA256')
  end

  def extend_certificate(made, name, is_authority:)
    factory = OpenSSL::X509::ExtensionFactory.new
    made.add_extension(factory.create_extension('basicConstraints', "CA:#{is_authority.to_s.upcase}", true))
    made.add_extension(factory.create_extension('subjectAltName', "DNS:#{name}"))
  end

  def write(name, text)
    File.join(@folder, name).tap { |path| File.write(path, text) }
  end
end
