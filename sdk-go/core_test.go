package motia

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"

	"motia/gen"
)

// playCore serves sessions, one scene for each connection: it gets the Hello, and the connection is lost when it returns.
func playCore(t *testing.T, scenes ...func(hello *gen.Hello, say func(*gen.CoreFrame), until func(func(*gen.SidecarFrame) bool))) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	next := make(chan int, len(scenes))
	for i := range scenes {
		next <- i
	}
	session := func(_ any, stream grpc.ServerStream) error {
		say := func(frame *gen.CoreFrame) {
			_ = stream.SendMsg(&gen.SessionResponse{Frames: []*gen.CoreFrame{frame}})
		}
		until := func(is func(*gen.SidecarFrame) bool) {
			for {
				request := &gen.SessionRequest{}
				if err := stream.RecvMsg(request); err != nil {
					t.Error("the sidecar did not say what was waited for:", err)
					return
				}
				for _, frame := range request.Frames {
					if is(frame) {
						return
					}
				}
			}
		}
		var hello *gen.Hello
		until(func(frame *gen.SidecarFrame) bool { hello = frame.GetHello(); return true })
		scenes[<-next](hello, say, until)
		return io.ErrUnexpectedEOF
	}
	telemetry := func(_ any, stream grpc.ServerStream) error {
		<-stream.Context().Done()
		return nil
	}
	server := grpc.NewServer()
	server.RegisterService(&grpc.ServiceDesc{ServiceName: "motia.v1.SidecarService", HandlerType: (*any)(nil), Streams: []grpc.StreamDesc{
		{StreamName: "Session", Handler: session, ServerStreams: true, ClientStreams: true},
		{StreamName: "Telemetry", Handler: telemetry, ServerStreams: true, ClientStreams: true}}}, nil)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return listener.Addr().String()
}

func welcomed(id string, resumed bool) *gen.CoreFrame {
	return &gen.CoreFrame{Frame: &gen.CoreFrame_Welcome{Welcome: &gen.Welcome{Revision: 2, SessionId: id, Resumed: resumed,
		ResumeWindowMs: 5000, HeartbeatIntervalMs: 5000, ApiSlots: 1, BackgroundSlots: 1}}}
}

func isManifest(frame *gen.SidecarFrame) bool { return frame.GetManifest() != nil }
func isLeaving(frame *gen.SidecarFrame) bool  { return frame.GetLeaving() != nil }
func isDrained(frame *gen.SidecarFrame) bool  { return frame.GetDrained() != nil }

func TestASessionIsResumedOnceItIsLoadedAndLeavingIsSaidAgain(t *testing.T) {
	load := &gen.CoreFrame{Frame: &gen.CoreFrame_Load{Load: &gen.Load{Digest: "d"}}}
	project := &gen.CoreFrame{Frame: &gen.CoreFrame_Project{Project: &gen.Project{}}}
	var s *session
	resumes := make(chan string, 3)
	address := playCore(t,
		func(hello *gen.Hello, say func(*gen.CoreFrame), until func(func(*gen.SidecarFrame) bool)) {
			resumes <- hello.GetResumeSessionId()
			say(welcomed("first", false))
			say(load)
			until(isManifest) // and the connection is lost before Project
		},
		func(hello *gen.Hello, say func(*gen.CoreFrame), until func(func(*gen.SidecarFrame) bool)) {
			resumes <- hello.GetResumeSessionId()
			say(welcomed("second", false))
			say(load)
			until(isManifest)
			say(project)
			for s.streams.Load() == nil {
				time.Sleep(time.Millisecond)
			}
			s.leave()
			until(isLeaving) // and it is lost before Drain
		},
		func(hello *gen.Hello, say func(*gen.CoreFrame), until func(func(*gen.SidecarFrame) bool)) {
			resumes <- hello.GetResumeSessionId()
			say(welcomed("second", true))
			until(isLeaving)
			say(&gen.CoreFrame{Frame: &gen.CoreFrame_Drain{Drain: &gen.Drain{GraceMs: 10}}})
			until(isDrained)
		})
	s = newSession(settings{address: address, token: "t", language: "go", external: true}, Build{})
	ended := make(chan error, 1)
	go func() { ended <- s.run() }()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the session has not ended")
	}
	if first, second, third := <-resumes, <-resumes, <-resumes; first != "" || second != "" || third != "second" {
		t.Errorf("%q, %q, %q", first, second, third)
	}
}

func TestASidecarThatWasAskedToEndDoesNotWaitForACoreThatIsGone(t *testing.T) {
	s := newSession(settings{address: "127.0.0.1:1", external: true}, Build{})
	s.isLeaving = true
	if _, _, _, err := s.connect("", 0); err != errDrained {
		t.Error(err)
	}
}

// certified makes a certificate for 127.0.0.1 that has signed itself, and the file that trusts it.
func certified(t *testing.T) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true}
	made, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: made}), 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{made}, PrivateKey: key}, file
}

func TestOnlyAServerThatShakesHandsCanMistrust(t *testing.T) {
	certificate, file := certified(t)
	secured := &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{"h2"}}
	wary := secured.Clone()
	wary.ClientAuth = tls.RequireAnyClientCert
	for name, want := range map[string]string{"proxy": "", "once": "", "wary": "does not trust this sidecar", "gone": "does not trust this sidecar"} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		go func() {
			for n := 0; ; n++ {
				connection, err := listener.Accept()
				if err != nil {
					return
				}
				switch {
				case name == "wary":
					_ = tls.Server(connection, wary).Handshake()
				case name == "gone" || name == "once" && n == 0:
					_ = tls.Server(connection, secured).Handshake()
				default:
					_, _ = connection.Read(make([]byte, 1<<14))
				}
				connection.Close() // as a proxy does whose core is not there
			}
		}()
		found := settings{address: listener.Addr().String(), ca: file}.mistrust()
		if (found == nil) != (want == "") || found != nil && !strings.Contains(found.Error(), want) {
			t.Errorf("%s: %v", name, found)
		}
	}
}
