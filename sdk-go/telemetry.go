package motia

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"

	"motia/gen"
)

const mostRecords = 10_000

// telemetry holds log records until the core takes them; what is too much is dropped and counted.
type telemetry struct {
	mu      sync.Mutex
	records []*gen.LogRecord
	dropped uint64
	wake    chan struct{}
	busy    bool // records were taken that are not sent yet
}

func (t *telemetry) add(record *gen.LogRecord) {
	t.mu.Lock()
	if len(t.records) < mostRecords {
		t.records = append(t.records, record)
	} else {
		t.dropped++
	}
	t.mu.Unlock()
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

func (t *telemetry) take() *gen.TelemetryRequest {
	t.mu.Lock()
	defer t.mu.Unlock()
	count := min(len(t.records), 1000)
	request := &gen.TelemetryRequest{Logs: t.records[:count:count], Dropped: t.dropped}
	t.records, t.busy = t.records[count:], count > 0
	return request
}

func (t *telemetry) isEmpty() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.records) == 0 && !t.busy
}

// run sends records over one connection until that is lost.
func (t *telemetry) run(ctx context.Context, connection *grpc.ClientConn, session string) {
	stream, err := connection.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, telemetryMethod)
	for request := (&gen.TelemetryRequest{SessionId: session}); err == nil; request = t.take() {
		if len(request.Logs) > 0 || request.SessionId != "" {
			err = stream.SendMsg(request)
			continue
		}
		select {
		case <-t.wake:
		case <-ctx.Done():
			return
		}
	}
}

// logHandler makes records of what a handler logs with slog. Fields are written by slog's own JSON handler.
type logHandler struct {
	attempt *attempt
	with    []func(slog.Handler) slog.Handler
}

var levels = map[slog.Level]gen.LogLevel{slog.LevelDebug: gen.LogLevel_LOG_LEVEL_DEBUG, slog.LevelInfo: gen.LogLevel_LOG_LEVEL_INFO,
	slog.LevelWarn: gen.LogLevel_LOG_LEVEL_WARN, slog.LevelError: gen.LogLevel_LOG_LEVEL_ERROR}

func (h *logHandler) Enabled(context.Context, slog.Level) bool { return true }

func (h *logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return h.and(func(inner slog.Handler) slog.Handler { return inner.WithAttrs(attrs) })
}

func (h *logHandler) WithGroup(name string) slog.Handler {
	return h.and(func(inner slog.Handler) slog.Handler { return inner.WithGroup(name) })
}

func (h *logHandler) and(more func(slog.Handler) slog.Handler) slog.Handler {
	return &logHandler{h.attempt, append(h.with[:len(h.with):len(h.with)], more)}
}

func (h *logHandler) Handle(ctx context.Context, record slog.Record) error {
	level := min(max(record.Level.Level()/4*4, slog.LevelDebug), slog.LevelError)
	wire := &gen.LogRecord{TimeUnixMs: uint64(record.Time.UnixMilli()), Level: levels[level], Message: strings.ToValidUTF8(record.Message, "�"),
		InvocationId: h.attempt.invoke.GetInvocationId(), Step: h.attempt.invoke.GetStep(), TraceId: h.attempt.invoke.GetTraceId()}
	if record.NumAttrs() > 0 || len(h.with) > 0 {
		var fields bytes.Buffer
		var inner slog.Handler = slog.NewJSONHandler(&fields, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: onlyFields})
		for _, with := range h.with {
			inner = with(inner)
		}
		bare := slog.NewRecord(time.Time{}, record.Level, "", 0)
		record.Attrs(func(attr slog.Attr) bool { bare.AddAttrs(attr); return true })
		_ = inner.Handle(ctx, bare) // slog writes what is not JSON as text
		wire.Fields = bytes.TrimSpace(fields.Bytes())
	}
	h.attempt.session.logs.add(wire)
	return nil
}

// onlyFields leaves out slog's own level and message, which have keys that users' fields may have as well.
func onlyFields(groups []string, attr slog.Attr) slog.Attr {
	if len(groups) == 0 && (attr.Key == slog.MessageKey && attr.Value.String() == "" || attr.Key == slog.LevelKey && isLevel(attr.Value)) {
		return slog.Attr{}
	}
	return attr
}

func isLevel(value slog.Value) bool {
	_, ok := value.Any().(slog.Level)
	return ok
}
