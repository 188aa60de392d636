package motia

import (
	"encoding/json"
	"fmt"
	"reflect"
	"runtime"

	"motia/gen"
)

// Step is one registered step.
type Step struct {
	file     string // absolute, as the compiler saw it
	line     int
	name     string
	kind     string
	config   any
	extra    map[string]any
	schemas  map[string]any       // key of the config → value, type or map
	handlers []Middleware         // of api steps
	serve    func(*attempt) error // nil: a noop step
	hooks    *StreamConfig        // of a stream
	atomic   bool
	flows    []string
}

var registered []*Step

func define(kind, name string, config any, extra map[string]any, schemas map[string]any) *Step {
	step := &Step{kind: kind, name: name, config: config, extra: extra, schemas: schemas}
	registered = append(registered, step)
	return step
}

// API registers a step that answers HTTP requests.
func API[In, Out any](config APIConfig, handler func(*Context, Request[In]) (Response[Out], error)) *Step {
	step := defineAPI(config, typeOf[In](), typeOf[Out]())
	step.file, step.line = caller()
	read := reader[In]()
	step.serve = func(a *attempt) error {
		return a.answer(a.step.handlers, func(c *Context, request *HTTPRequest) (*HTTPResponse, error) {
			typed := Request[In]{HTTPRequest: request}
			if err := read(a.invoke.GetHttp(), &typed.Body); err != nil {
				return nil, err
			}
			response, err := handler(c, typed)
			if err != nil {
				return nil, err
			}
			return response.untyped(), nil
		})
	}
	return step
}

func defineAPI(config APIConfig, in, out reflect.Type) *Step {
	schemas := map[string]any{"querySchema": config.QuerySchema, "pathSchema": config.PathSchema, "bodySchema": in,
		"headersSchema": config.HeadersSchema, "messageSchema": config.MessageSchema, "responseSchema": config.Responses}
	if config.BodySchema != nil {
		schemas["bodySchema"] = config.BodySchema
	}
	if config.Responses == nil {
		schemas["responseSchema"] = map[int]any{200: out}
	}
	config.Emits = some(config.Emits)
	step := define("api", config.Name, config, config.Extra, schemas)
	step.handlers, step.atomic, step.flows = config.Middleware, config.Atomic, config.Flows
	return step
}

// Socket registers a step that serves WebSocket connections. What it returns for "connect" may be an *HTTPResponse that
// refuses the client; what it returns for "message" is sent back: a string, []byte, any other value as JSON, or nil.
func Socket(config APIConfig, handler func(*Context, SocketEvent) (any, error)) *Step {
	config.Method = "WEBSOCKET"
	step := defineAPI(config, nil, nil)
	step.file, step.line = caller()
	step.serve = func(a *attempt) error { return a.onSocket(handler) }
	return step
}

// Event registers a step that handles events.
func Event[In any](config EventConfig, handler func(*Context, In) error) *Step {
	schemas := map[string]any{"input": typeOf[In]()}
	if config.Input != nil {
		schemas["input"] = config.Input
	}
	config.Emits = some(config.Emits)
	step := define("event", config.Name, config, config.Extra, schemas)
	step.file, step.line = caller()
	step.atomic, step.flows = config.Atomic, config.Flows
	decode := decoder[In]()
	step.serve = func(a *attempt) error {
		var input In
		if data := a.invoke.GetEvent().GetData(); len(data) > 0 {
			if err := decode(data, &input); err != nil {
				return inputError("data", err)
			}
		}
		return a.done(handler(a.context(), input))
	}
	return step
}

// Cron registers a step that runs by the clock.
func Cron(config CronConfig, handler func(*Context) error) *Step {
	config.Emits = some(config.Emits)
	step := define("cron", config.Name, config, config.Extra, nil)
	step.file, step.line = caller()
	step.atomic, step.flows = config.Atomic, config.Flows
	step.serve = func(a *attempt) error { return a.done(handler(a.context())) }
	return step
}

// Noop registers a step that is only drawn.
func Noop(config NoopConfig) *Step {
	config.VirtualEmits, config.VirtualSubscribes = some(config.VirtualEmits), some(config.VirtualSubscribes)
	step := define("noop", config.Name, config, config.Extra, nil)
	step.file, step.line = caller()
	return step
}

func some(texts []string) []string {
	if texts == nil {
		return []string{}
	}
	return texts
}

// caller is where the exported function that calls it was called.
func caller() (string, int) {
	_, file, line, _ := runtime.Caller(2)
	return file, line
}

// describe makes the config of a step or stream as the core reads it.
func (s *Step) describe() (text []byte, warnings []string, err error) {
	config := map[string]any{}
	plain, err := encode(s.config)
	if err != nil {
		return nil, nil, err
	}
	if err := json.Unmarshal(plain, &config); err != nil {
		return nil, nil, err
	}
	for key, value := range s.extra {
		config[key] = value
	}
	if s.kind != "stream" {
		config["type"] = s.kind
	}
	for key, source := range s.schemas {
		schema, err := schemaOf(source)
		if err != nil {
			warnings = append(warnings, fmt.Sprintf("%s is left out: %v", key, err))
		} else if schema != nil {
			config[key] = schema
		}
	}
	text, err = encode(config)
	return text, warnings, err
}

func (s *Step) stream(path string, warnings []string, config []byte) *gen.StreamDefinition {
	return &gen.StreamDefinition{Path: path, Config: config, Warnings: warnings, HasCanAccess: s.hooks.CanAccess != nil,
		HasCanSend: s.hooks.CanSend != nil, HasOnJoin: s.hooks.OnJoin != nil, HasOnLeave: s.hooks.OnLeave != nil}
}
