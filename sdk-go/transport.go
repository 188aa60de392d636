package motia

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/proto" // the codec of what is no batch
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"motia/gen"
)

const (
	sessionMethod   = "/motia.v1.SidecarService/Session"
	telemetryMethod = "/motia.v1.SidecarService/Telemetry"
)

// batch is a SessionRequest of frames that are packed already.
type batch [][]byte

// batches packs a batch by putting its frames one after the other.
type batches struct{ encoding.CodecV2 }

func (c batches) Marshal(value any) (mem.BufferSlice, error) {
	frames, ok := value.(batch)
	if !ok {
		return c.CodecV2.Marshal(value)
	}
	message := make(mem.BufferSlice, len(frames))
	for i, frame := range frames {
		message[i] = mem.SliceBuffer(frame)
	}
	return message, nil
}

// tryPack writes a frame as the field of a SessionRequest. What is not UTF-8 where that must be is an error.
func tryPack(frame *gen.SidecarFrame) ([]byte, error) {
	size := proto.Size(frame)
	packed := make([]byte, 0, size+8)
	packed = protowire.AppendTag(packed, 1, protowire.BytesType)
	packed = protowire.AppendVarint(packed, uint64(size))
	return proto.MarshalOptions{UseCachedSize: true}.MarshalAppend(packed, frame)
}

// pack does the same; what cannot be written panics, in the handler whose call it is.
func pack(frame *gen.SidecarFrame) []byte {
	packed, err := tryPack(frame)
	if err != nil {
		panic(err)
	}
	return packed
}

// split makes batches of at most so many bytes (0: no limit).
func split(frames [][]byte, most uint64) []batch {
	var found []batch
	begin, size := 0, uint64(0)
	for i, frame := range frames {
		if size += uint64(len(frame)); most > 0 && size > most && i > begin {
			found, begin, size = append(found, frames[begin:i]), i, uint64(len(frame))
		}
	}
	return append(found, frames[begin:])
}

func dial(settings settings) (*grpc.ClientConn, error) {
	secured := insecure.NewCredentials()
	if settings.ca != "" {
		config, err := settings.tls()
		if err != nil {
			return nil, err
		}
		secured = credentials.NewTLS(config)
	}
	options := []grpc.DialOption{grpc.WithTransportCredentials(secured), grpc.WithNoProxy(), grpc.WithDisableRetry(),
		grpc.WithInitialWindowSize(4 << 20), grpc.WithInitialConnWindowSize(8 << 20),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(1<<31-1), grpc.MaxCallSendMsgSize(1<<31-1),
			grpc.ForceCodecV2(batches{encoding.GetCodecV2("proto")}))}
	if settings.ca == "" {
		options = append(options, grpc.WithAuthority("localhost"))
	}
	return grpc.NewClient(settings.target(), options...)
}

func (s settings) tls() (*tls.Config, error) {
	text, err := os.ReadFile(s.ca)
	if err != nil {
		return nil, fmt.Errorf("MOTIA_SIDECAR_CA: %w", err)
	}
	config := &tls.Config{RootCAs: x509.NewCertPool(), ServerName: s.serverName, MinVersion: tls.VersionTLS12}
	if !config.RootCAs.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("MOTIA_SIDECAR_CA: %s has no certificate in PEM form", s.ca)
	}
	if s.cert != "" {
		pair, err := tls.LoadX509KeyPair(s.cert, s.key)
		if err != nil {
			return nil, fmt.Errorf("MOTIA_SIDECAR_CERT and MOTIA_SIDECAR_KEY: %w", err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

func openSession(ctx context.Context, connection *grpc.ClientConn) (grpc.ClientStream, error) {
	return connection.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, sessionMethod)
}

// mistrust says what to do when core and sidecar do not trust each other's certificates: trying again is of no use. It looks
// twice: a core that just ends hangs up as well.
func (s settings) mistrust() error {
	if s.look() == nil {
		return nil
	}
	time.Sleep(lookingAgain)
	return s.look()
}

// look does that once. gRPC does not tell mistrust from a core that is not there, so it is tried without.
func (s settings) look() error {
	config, err := s.tls()
	if err != nil {
		return err
	}
	config.NextProtos = []string{"h2"}
	connection, err := tls.DialWithDialer(&net.Dialer{Timeout: handshake}, "tcp", s.address, config)
	isShaken := err == nil
	if isShaken { // a server that takes the client begins to speak, one that does not hangs up
		defer connection.Close()
		_ = connection.SetDeadline(time.Now().Add(finishing))
		_, err = connection.Read(make([]byte, 1))
	}
	var untrusted *tls.CertificateVerificationError
	switch {
	case errors.As(err, &untrusted):
		return fmt.Errorf("the certificate of the core is not trusted: MOTIA_SIDECAR_CA must be who has signed it, and "+
			"MOTIA_SIDECAR_SERVER_NAME the name in it when that is not the one of the address (%w)", err)
	case isShaken && errors.Is(err, io.EOF) || err != nil && strings.Contains(err.Error(), "remote error: tls"):
		return fmt.Errorf("the core does not trust this sidecar: set MOTIA_SIDECAR_CERT and MOTIA_SIDECAR_KEY to a certificate "+
			"that its sidecars.tls_client_ca has signed (%w)", err)
	}
	return nil
}
