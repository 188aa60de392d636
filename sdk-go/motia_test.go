package motia

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"motia/gen"
)

type order struct {
	Customer string   `json:"customer" jsonschema:"minLength=1,format=email"`
	Amount   int      `json:"amount" jsonschema:"minimum=1"`
	Note     string   `json:"note,omitempty" jsonschema_description:"for people"`
	Lines    []string `json:"lines,omitempty"`
}

func schemaText(t *testing.T, source any) string {
	t.Helper()
	schema, err := schemaOf(source)
	if err != nil {
		t.Fatal(err)
	}
	text, err := encode(schema)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestSchemaOfAStructSaysWhatItsTagsSay(t *testing.T) {
	text := schemaText(t, typeOf[order]())
	for _, part := range []string{`"required":["customer","amount"]`, `"format":"email"`, `"minimum":1`, `"description":"for people"`,
		`"lines":{"items":{"type":"string"},"type":"array"}`} {
		if !strings.Contains(text, part) {
			t.Errorf("%s is not in %s", part, text)
		}
	}
}

func TestWhatTakesAnythingHasNoSchema(t *testing.T) {
	for _, of := range []reflect.Type{typeOf[any](), typeOf[json.RawMessage](), typeOf[[]byte](), typeOf[None](), typeOf[Streamed]()} {
		if schema, err := schemaOf(of); schema != nil || err != nil {
			t.Errorf("%s: %v, %v", of, schema, err)
		}
	}
	if text := schemaText(t, map[int]any{200: order{}, 404: nil}); strings.Contains(text, "404") {
		t.Error(text)
	}
}

func TestSchemaThatCannotBeWrittenIsAnError(t *testing.T) {
	if _, err := schemaOf(typeOf[chan int]()); err == nil {
		t.Error("a channel is no JSON")
	}
}

func TestNumbersKeepTheirDigits(t *testing.T) {
	value, err := decode[map[string]any]([]byte(`{"id": 9007199254740993}`))
	if err != nil || fmt.Sprint(value["id"]) != "9007199254740993" {
		t.Error(value, err)
	}
	if _, err := decode[struct{ ID int32 }]([]byte(`{"ID": 9007199254740993}`)); err == nil {
		t.Error("an integer that does not fit must be refused")
	}
}

func TestBodyOfAnotherTypeNamesThePlace(t *testing.T) {
	var body order
	request := &gen.HttpRequest{BodyFormat: gen.BodyFormat_BODY_FORMAT_JSON, Body: []byte(`{"customer": "a", "amount": "many"}`)}
	wire := failure(reader[order]()(request, &body), 1)
	if wire.Kind != gen.FailureKind_FAILURE_KIND_SCHEMA || wire.Retry != gen.Retry_RETRY_NEVER || !strings.Contains(string(wire.Details), `"path":"/amount"`) {
		t.Error(wire)
	}
}

func TestFailuresSayHowTheyAreRetried(t *testing.T) {
	cause := errors.New("busy")
	wire := failure(fmt.Errorf("bank: %w", RetryableError(cause, 1500*time.Millisecond)), 1)
	if wire.Retry != gen.Retry_RETRY_AFTER || wire.RetryAfterMs != 1500 || wire.Message != "bank: busy" || wire.Cause.GetMessage() != "busy" {
		t.Error(wire)
	}
	if wire := failure(TerminalError(cause), 1); wire.Retry != gen.Retry_RETRY_NEVER || wire.Type != "errors.errorString" {
		t.Error(wire)
	}
}

func TestCausesAreAtMostEightDeep(t *testing.T) {
	err := errors.New("first")
	for n := range 20 {
		err = fmt.Errorf("%d: %w", n, err)
	}
	depth := 0
	for wire := failure(err, 1); wire != nil; wire = wire.Cause {
		depth++
	}
	if depth != 8 {
		t.Error(depth)
	}
}

func TestPanicHasTheStackOfTheHandlerOnly(t *testing.T) {
	stack := "goroutine 7 [running]:\nruntime/debug.Stack()\n\ta.go:1\nmotia.panicked()\n\tb.go:1\npanic({0x1, 0x2})\n\tp.go:1\n" +
		"project/steps.handler()\n\tsteps/a.step.go:3\nmotia.API[...].func1()\n\tdefine.go:1\n"
	if own := string(ownStack([]byte(stack))); own != "goroutine 7 [running]:\nproject/steps.handler()\n\tsteps/a.step.go:3" {
		t.Error(own)
	}
}

func TestParamsReadAsText(t *testing.T) {
	params := Params{"one": "a", "many": []any{"b", "c"}, "number": json.Number("7"), "none": []any{}}
	if got := params.Get("one") + params.Get("many") + params.Get("number") + params.Get("none") + params.Get("missing"); got != "ab7" {
		t.Error(got)
	}
}

func TestServerSentEvents(t *testing.T) {
	text, err := serverSent(ServerSent{Event: "tick", ID: "2", Data: "a\r\nb"})
	if err != nil || text != "event: tick\nid: 2\ndata: a\ndata: b\n\n" {
		t.Error(text, err)
	}
	if _, err := serverSent(ServerSent{Event: "a\nb"}); err == nil {
		t.Error("the name of an event is one line")
	}
}

func TestOperationsHaveWhatTheyNeed(t *testing.T) {
	text, _ := encode([]Op{{Type: "set", Path: "/a"}, {Type: "increment"}, {Type: "append", Path: "/b", Value: 1}})
	if string(text) != `[{"path":"/a","type":"set","value":null},{"path":"","type":"increment"},{"path":"/b","type":"append","value":1}]` {
		t.Error(string(text))
	}
}

func TestPackedFramesAreASessionRequest(t *testing.T) {
	frames := [][]byte{pack(&gen.SidecarFrame{Frame: &gen.SidecarFrame_Drained{Drained: &gen.Drained{}}}),
		pack(&gen.SidecarFrame{Frame: &gen.SidecarFrame_Hello{Hello: &gen.Hello{Token: "t"}}})}
	request := &gen.SessionRequest{}
	if err := proto.Unmarshal(append(frames[0], frames[1]...), request); err != nil || len(request.Frames) != 2 || request.Frames[1].GetHello().GetToken() != "t" {
		t.Error(request, err)
	}
}

func TestBatchesAreSplitAtTheLimit(t *testing.T) {
	frame := make([]byte, 40)
	sizes := []int{}
	for _, message := range split([][]byte{frame, frame, frame, make([]byte, 200), frame}, 100) {
		sizes = append(sizes, len(message))
	}
	if !reflect.DeepEqual(sizes, []int{2, 1, 1, 1}) {
		t.Error(sizes)
	}
}

func TestStepsKnowTheirFileAndLine(t *testing.T) {
	before := len(registered)
	defer func() { registered = registered[:before] }()
	step := Event(EventConfig{Name: "Here"}, func(ctx *Context, input order) error { return nil })
	if filepath.Base(step.file) != "motia_test.go" || step.line == 0 {
		t.Error(step.file, step.line)
	}
	text, warnings, err := step.describe()
	var config map[string]any
	if err != nil || json.Unmarshal(text, &config) != nil || config["type"] != "event" || len(warnings) > 0 {
		t.Fatal(string(text), warnings, err)
	}
	if config["input"].(map[string]any)["type"] != "object" || config["emits"] == nil {
		t.Error(string(text))
	}
}

func TestLevelsOfSlogAreLevelsOfTheCore(t *testing.T) {
	s := newSession(settings{}, Build{})
	s.welcome.Store(&gen.Welcome{})
	a := newAttempt(s, &Step{}, &gen.Invoke{InvocationId: 7, Step: "a", TraceId: "t"})
	logger := a.context().Logger.With("who", "me").WithGroup("order")
	logger.Warn("careful", "id", 1, "error", errors.New("boom"))
	record := s.logs.take().Logs[0]
	if record.Level != gen.LogLevel_LOG_LEVEL_WARN || record.InvocationId != 7 || string(record.Fields) != `{"who":"me","order":{"id":1,"error":"boom"}}` {
		t.Error(record)
	}
}

func TestLogRecordsAreBounded(t *testing.T) {
	logs := telemetry{wake: make(chan struct{}, 1)}
	for range mostRecords + 5 {
		logs.add(&gen.LogRecord{})
	}
	if logs.take(); logs.take().Dropped != 5 {
		t.Error(logs.dropped)
	}
}

func TestAFileOfSeveralStepsHasKeys(t *testing.T) {
	s := newSession(settings{}, Build{})
	s.welcome.Store(&gen.Welcome{Capabilities: []string{"several-steps"}})
	file := &gen.SourceFile{Path: "steps/a.step.go", Kind: gen.FileKind_FILE_KIND_STEP}
	one, two := &Step{kind: "noop", name: "A", config: NoopConfig{}}, &Step{kind: "noop", name: "B", config: NoopConfig{}}
	manifest := &gen.Manifest{}
	if problem := s.define(file, []*Step{one, two}, manifest); problem.Message != "" || manifest.Steps[0].Key != "" || manifest.Steps[1].Key != "B" {
		t.Error(problem, manifest)
	}
	for _, wrong := range [][]*Step{{}, {one, two, {kind: "noop", name: "B", config: NoopConfig{}}}, {{kind: "stream", config: StreamConfig{}}},
		{{kind: "noop", config: NoopConfig{}, extra: map[string]any{"x": make(chan int)}}}} {
		if problem := s.define(file, wrong, &gen.Manifest{}); problem.Phase != "CONFIG" || problem.Message == "" {
			t.Error(problem)
		}
	}
}

func TestAnOutcomeThatCannotBeSentIsAFailure(t *testing.T) {
	s := newSession(settings{}, Build{})
	s.welcome.Store(&gen.Welcome{})
	a := newAttempt(s, &Step{}, &gen.Invoke{InvocationId: 7, Pool: gen.Pool_POOL_API})
	s.attempts[7] = a
	a.outcome = &gen.Complete{Outcome: &gen.Complete_Http{Http: &gen.HttpResponse{Status: 200, Headers: []string{"x", "\xff"}}}}
	a.complete(nil, 0)
	request := &gen.SessionRequest{}
	if err := proto.Unmarshal(s.out[0], request); err != nil || request.Frames[0].GetComplete().GetFailure() == nil || s.granted[1] != 1 {
		t.Error(request, err)
	}
}

type page[T any] struct {
	Items []T `json:"items"`
}

func TestTypesOfOneNameHaveSchemasOfTheirOwn(t *testing.T) {
	type Duration struct { // as time.Duration is called
		Hours int `json:"hours"`
	}
	type Month struct {
		Of page[Duration] `json:"of"`
	}
	type Sales struct {
		Months page[Month]   `json:"months"`
		Sooner time.Duration `json:"sooner"`
	}
	schema, err := schemaOf(typeOf[Sales]())
	if err != nil {
		t.Fatal(err)
	}
	text, _ := encode(schema)
	var read struct {
		Defs map[string]json.RawMessage `json:"$defs"`
	}
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	for _, reference := range regexp.MustCompile(`"\$ref":"([^"]*)"`).FindAllStringSubmatch(string(text), -1) {
		name, isLocal := strings.CutPrefix(reference[1], "#/$defs/")
		if _, ok := read.Defs[name]; !isLocal || !ok || unnameable.MatchString(name) {
			t.Errorf("%s is not in %s", reference[1], text)
		}
	}
	name := namer()
	same := []string{name(typeOf[time.Duration]()), name(typeOf[Duration]()), name(typeOf[time.Duration]())}
	if !reflect.DeepEqual(same, []string{"Duration", "Duration2", "Duration"}) {
		t.Error(same)
	}
}

func TestAHandlerThatTakesNoBodyTakesAnyRequest(t *testing.T) {
	for format, body := range map[gen.BodyFormat]string{gen.BodyFormat_BODY_FORMAT_TEXT: "hello", gen.BodyFormat_BODY_FORMAT_JSON: `[1]`} {
		if err := reader[None]()(&gen.HttpRequest{BodyFormat: format, Body: []byte(body)}, &None{}); err != nil {
			t.Error(format, err)
		}
	}
}

func TestMessagesOfSocketsAreMeasured(t *testing.T) {
	s := newSession(settings{}, Build{})
	s.welcome.Store(&gen.Welcome{MaxPayloadBytes: 10})
	message := gen.SocketEventKind_SOCKET_EVENT_KIND_MESSAGE
	a := newAttempt(s, &Step{}, &gen.Invoke{Trigger: &gen.Invoke_Http{Http: &gen.HttpRequest{Socket: &gen.SocketEvent{Kind: message}}}})
	long := strings.Repeat("a", 11)
	_, sent := a.context().Sockets.Send("c", long)
	answered := a.onSocket(func(*Context, SocketEvent) (any, error) { return long, nil })
	for _, err := range []error{sent, answered} {
		var failed *Failed
		if !errors.As(err, &failed) || failed.Kind != gen.FailureKind_FAILURE_KIND_PAYLOAD_TOO_LARGE {
			t.Error(err)
		}
	}
	if len(s.out) > 0 {
		t.Error("it was sent")
	}
}
