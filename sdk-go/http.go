package motia

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"sort"
	"strings"

	"motia/gen"
)

// Request is what a handler gets: the request, and its body read as a T.
//
// T may be a type of one's own, []byte (the bytes that arrived), json.RawMessage, or any.
type Request[T any] struct {
	*HTTPRequest
	Body T `json:"body"`
}

// HTTPRequest is a request without its body, as middleware sees it. Locals is for middleware to hand things on.
type HTTPRequest struct {
	Method      string            `json:"-"`
	Path        string            `json:"-"`
	Headers     map[string]string `json:"headers"` // names in lower case
	PathParams  Params            `json:"pathParams"`
	QueryParams Params            `json:"queryParams"`
	RawBody     []byte            `json:"rawBody"`
	Files       []File            `json:"files,omitempty"`
	Locals      map[string]any    `json:"-"`
}

// Params are parameters by name: strings, lists of them and nested maps, or what a schema makes of them.
type Params map[string]any

// Get is a parameter as text, the first of several; empty when there is none.
func (p Params) Get(name string) string {
	switch value := p[name].(type) {
	case nil:
		return ""
	case []any:
		if len(value) > 0 {
			return fmt.Sprint(value[0])
		}
		return ""
	default:
		return fmt.Sprint(value)
	}
}

// File is an uploaded file of a multipart form. Path is where a large one lies while the attempt runs, else empty.
type File struct {
	Field       string
	Filename    string // as the client says it; never a path on this machine
	ContentType string
	Size        int64
	Path        string
	data        []byte
}

// Open reads the content.
func (f File) Open() (io.ReadCloser, error) {
	if f.Path != "" {
		return os.Open(f.Path)
	}
	return io.NopCloser(bytes.NewReader(f.data)), nil
}

// Response is what a handler answers. A string goes out as text, []byte as they are, None not at all, Streamed piece by
// piece, and anything else as JSON.
type Response[T any] struct {
	Status  int
	Headers http.Header
	Body    T
}

// None is a body that is not there.
type None struct{}

// HTTPResponse is a response as middleware sees it.
type HTTPResponse struct {
	Status  int
	Headers http.Header
	Body    any
}

func (r Response[T]) untyped() *HTTPResponse {
	return &HTTPResponse{r.Status, r.Headers, r.Body}
}

// Error lets a handler return a response that is not of its type as its error: return res, &motia.HTTPResponse{…}.
func (r *HTTPResponse) Error() string { return fmt.Sprintf("a response with status %d", r.Status) }

// Middleware runs around the handler of an api step. Whoever does not call next answers alone.
type Middleware func(ctx *Context, request *HTTPRequest, next func() (*HTTPResponse, error)) (*HTTPResponse, error)

// Streamed is a body that is sent piece by piece: a piece is a string, []byte, or any other value, which becomes a line of
// JSON. send waits for the client to take what it was sent, and fails when that has left.
type Streamed func(send func(piece any) error) error

// ServerSent is one server-sent event.
type ServerSent struct {
	Event, ID string
	Data      any // a string, or what is written as JSON
}

// SSE answers with server-sent events: a ServerSent, or the data of one.
func SSE(events func(send func(event any) error) error) Response[Streamed] {
	headers := http.Header{"content-type": {"text/event-stream; charset=utf-8"}, "cache-control": {"no-cache"},
		"x-accel-buffering": {"no"}} // some proxies collect what they pass on unless told
	return Response[Streamed]{200, headers, func(send func(any) error) error {
		return events(func(event any) error {
			text, err := serverSent(event)
			if err != nil {
				return err
			}
			return send(text)
		})
	}}
}

func serverSent(event any) (string, error) {
	sent, ok := event.(ServerSent)
	if !ok {
		sent.Data = event
	}
	var text strings.Builder
	for _, field := range [][2]string{{"event", sent.Event}, {"id", sent.ID}} {
		if strings.ContainsAny(field[1], "\r\n") {
			return "", fmt.Errorf("the %s of a server-sent event is more than one line", field[0])
		}
		if field[1] != "" {
			text.WriteString(field[0] + ": " + field[1] + "\n")
		}
	}
	data, ok := sent.Data.(string)
	if !ok {
		encoded, err := encode(sent.Data)
		if err != nil {
			return "", fmt.Errorf("the data of a server-sent event: %w", err)
		}
		data = string(encoded)
	}
	for _, line := range strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(data), "\n") {
		text.WriteString("data: " + line + "\n")
	}
	return text.String() + "\n", nil
}

// reader reads the body of a request as a T.
func reader[T any]() func(*gen.HttpRequest, *T) error {
	read := decoder[T]()
	return func(request *gen.HttpRequest, body *T) error {
		text := request.GetBody()
		switch target := any(body).(type) {
		case *None:
			return nil
		case *[]byte:
			*target = rawBody(request)
			return nil
		case *string:
			if request.GetBodyFormat() == gen.BodyFormat_BODY_FORMAT_TEXT {
				*target = string(text)
				return nil
			}
		case *any, *json.RawMessage, *map[string]any:
			if !isJSON(request) {
				text = []byte("{}")
			}
		}
		if request.GetBodyFormat() == gen.BodyFormat_BODY_FORMAT_TEXT {
			text, _ = encode(string(request.GetBody()))
		} else if !isJSON(request) && string(text) != "{}" {
			return nil
		}
		if err := read(text, body); err != nil {
			return inputError("body", err)
		}
		return nil
	}
}

func isJSON(request *gen.HttpRequest) bool {
	format := request.GetBodyFormat()
	return format == gen.BodyFormat_BODY_FORMAT_JSON || format == gen.BodyFormat_BODY_FORMAT_MULTIPART
}

func rawBody(request *gen.HttpRequest) []byte {
	if request.GetBodyFormat() == gen.BodyFormat_BODY_FORMAT_MULTIPART {
		return nil
	}
	if len(request.GetRawBody()) > 0 {
		return request.GetRawBody()
	}
	return request.GetBody()
}

func readRequest(wire *gen.HttpRequest) *HTTPRequest {
	request := &HTTPRequest{Method: wire.GetMethod(), Path: wire.GetPath(), Headers: pairs(wire.GetHeaders()),
		PathParams: Params{}, QueryParams: object(wire.GetQueryParams()), RawBody: rawBody(wire), Locals: map[string]any{}}
	if values := wire.GetPathValues(); len(values) > 0 {
		request.PathParams = object(values)
	} else {
		for i := 0; i+1 < len(wire.GetPathParams()); i += 2 {
			request.PathParams[wire.GetPathParams()[i]] = wire.GetPathParams()[i+1]
		}
	}
	for _, file := range wire.GetFiles() {
		request.Files = append(request.Files, File{file.GetField(), file.GetFilename(), file.GetContentType(),
			int64(file.GetSize()), file.GetPath(), file.GetData()})
	}
	return request
}

func pairs(flat []string) map[string]string {
	found := make(map[string]string, len(flat)/2)
	for i := 0; i+1 < len(flat); i += 2 {
		found[flat[i]] = flat[i+1]
	}
	return found
}

func object(text []byte) Params {
	params := Params{}
	if len(text) > 0 {
		params, _ = decode[Params](text) // the core has made it
	}
	return params
}

func (r *HTTPResponse) head() *gen.HttpResponse {
	wire := &gen.HttpResponse{Status: int32(r.Status)}
	names := make([]string, 0, len(r.Headers))
	for name := range r.Headers {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		for _, value := range r.Headers[name] {
			wire.Headers = append(wire.Headers, name, value)
		}
	}
	return wire
}

// bodyOf writes a value as the body of a response or of a message.
func bodyOf(value any) (kind gen.BodyKind, body []byte, err error) {
	switch value := value.(type) {
	case None:
		return gen.BodyKind_BODY_KIND_UNSPECIFIED, nil, nil
	case string:
		return gen.BodyKind_BODY_KIND_TEXT, []byte(value), nil
	case []byte:
		return gen.BodyKind_BODY_KIND_BINARY, value, nil
	}
	body, err = encode(value)
	if err != nil {
		err = &Failed{Kind: gen.FailureKind_FAILURE_KIND_SCHEMA, Err: fmt.Errorf("the body is not JSON: %w", err)}
	}
	return gen.BodyKind_BODY_KIND_JSON, body, err
}
