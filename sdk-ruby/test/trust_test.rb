# frozen_string_literal: true

require 'minitest/autorun'
require 'motia'
require 'motia/attempt'
require 'motia/settings'
require 'tmpdir'
require_relative 'authority'

# What is said of certificates, before dialling and when dialling fails.
class TrustTest < Minitest::Test
  def setup
    @folder = Dir.mktmpdir
    @ours = Authority.new(@folder, 'ours')
    @listener = TCPServer.new('127.0.0.1', 0)
  end

  def teardown
    @host&.kill
    @listener.close
    FileUtils.rm_rf(@folder)
  end

  def settings(ca: @ours.file, cert: nil, key: nil)
    Motia::Settings.new({ 'MOTIA_SIDECAR_EXTERNAL' => '1', 'MOTIA_SIDECAR_TOKEN' => 'a token', 'MOTIA_SIDECAR_CERT' => cert,
                          'MOTIA_SIDECAR_ADDRESS' => "127.0.0.1:#{@listener.addr[1]}", 'MOTIA_SIDECAR_CA' => ca,
                          'MOTIA_SIDECAR_SERVER_NAME' => 'core', 'MOTIA_SIDECAR_KEY' => key })
  end

  # What is found out about a host that does this with each connection.
  def why(settings = self.settings, &serve)
    @host = Thread.new { loop { serve.call(@listener.accept) } }
    @host.report_on_exception = false
    Motia::Trust.new(settings).why
  end

  def tls(authority, client_ca: nil)
    context = OpenSSL::SSL::SSLContext.new
    context.add_certificate(*authority.sign('core').then do |cert, key|
      [OpenSSL::X509::Certificate.new(File.read(cert)), OpenSSL::PKey.read(File.read(key))]
    end)
    if client_ca
      context.ca_file = client_ca
      context.verify_mode = OpenSSL::SSL::VERIFY_PEER | OpenSSL::SSL::VERIFY_FAIL_IF_NO_PEER_CERT
    end
    context
  end

  # Serve TLS: let the block speak.
  def served(plain, context)
    secured = OpenSSL::SSL::SSLSocket.new(plain, context)
    secured.accept
    yield secured
  rescue OpenSSL::SSL::SSLError, SystemCallError
    nil
  ensure
    plain.close
  end

  def test_a_host_that_hangs_up_may_be_a_proxy_without_a_core
    assert_nil(why(&:close))
  end

  def test_a_host_that_resets_the_connection_may_be_one_too
    assert_nil(why do |plain|
      plain.setsockopt(Socket::Option.linger(true, 0))
      plain.readpartial(1)
      plain.close
    end)
  end

  def test_a_silent_host_does_not_hold_up
    begun = Motia::Attempt.now
    kept = []
    assert_nil(why { |plain| kept << plain })
    assert_in_delta Motia::Trust::ANSWER_S, Motia::Attempt.now - begun, 1.5
  end

  def test_a_core_that_speaks_is_trusted
    context = tls(@ours)
    assert_nil(why { |plain| served(plain, context) { |secured| secured.write('x') && secured.read(1) } })
  end

  def test_a_core_of_another_authority_is_not
    context = tls(Authority.new(@folder, 'others'))
    assert_match(/is not trusted/, why { |plain| served(plain, context) { |secured| secured.write('x') } })
  end

  def test_a_core_that_wants_a_certificate
    context = tls(@ours, client_ca: @ours.file)
    assert_match(/wants to see a certificate/, why { |plain| served(plain, context) { |secured| secured.write('x') } })
  end

  def test_a_core_that_hangs_up_after_the_handshake_wants_a_certificate_too
    context = tls(@ours)
    assert_match(/wants to see a certificate/, why { |plain| served(plain, context, &:itself) })
  end

  def test_what_is_seen_only_once_is_no_answer
    contexts = [tls(Authority.new(@folder, 'others')), tls(@ours)]
    assert_nil(why { |plain| served(plain, contexts.shift) { |secured| secured.write('x') && secured.read(1) } })
  end

  def test_a_certificate_that_is_accepted
    context = tls(@ours, client_ca: @ours.file)
    cert, key = @ours.sign('sidecar')
    assert_nil(why(settings(cert: cert, key: key)) do |plain|
      served(plain, context) { |secured| secured.write('x') && secured.read(1) }
    end)
  end

  def test_a_key_of_another_certificate
    cert, = @ours.sign('sidecar')
    _, key = @ours.sign('other')
    error = assert_raises(Motia::Settings::Wrong) { settings(cert: cert, key: key) }
    assert_match(/\AMOTIA_SIDECAR_CERT and MOTIA_SIDECAR_KEY do not fit, or MOTIA_SIDECAR_CA has no certificate: ./,
                 error.message)
  end

  def test_files_of_something_else
    cert, key = @ours.sign('sidecar')
    assert_raises(Motia::Settings::Wrong) { settings(cert: cert, key: cert) }
    assert_raises(Motia::Settings::Wrong) { settings(cert: key, key: key) }
    error = assert_raises(Motia::Settings::Wrong) { settings(ca: key) }
    assert_match(/\AMOTIA_SIDECAR_CA has no certificate: ./, error.message)
  end
end
