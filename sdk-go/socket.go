package motia

import (
	"encoding/json"

	"motia/gen"
)

// SocketEvent is what happens on a WebSocket connection. Type is "connect", "message" or "close". Data of a message is a
// string, []byte, or json.RawMessage where the step has a MessageSchema.
type SocketEvent struct {
	*HTTPRequest
	Type, ConnectionID string
	Data               any
	Code               int
	Reason             string
}

// Sockets reaches WebSocket connections from any step.
type Sockets struct{ c *Context }

// Send gives a message to a connection and says whether there is one. A string goes as text, []byte as bytes, else as JSON.
func (s Sockets) Send(connection string, message any) (bool, error) {
	reached, err := s.send(&gen.SocketSend{ConnectionId: connection}, message)
	return reached > 0, err
}

// Broadcast gives a message to all connections on a path but some, and counts them.
func (s Sockets) Broadcast(path string, message any, except ...string) (int, error) {
	return s.send(&gen.SocketSend{Path: path, Excluded: except}, message)
}

func (s Sockets) send(send *gen.SocketSend, message any) (int, error) {
	kind, data, err := bodyOf(message)
	if err == nil {
		err = s.c.attempt.fits(data, "the message")
	}
	if err != nil {
		return 0, err
	}
	send.Data, send.IsText = data, kind != gen.BodyKind_BODY_KIND_BINARY
	return result[int](s.c.write(&gen.Call{Operation: &gen.Call_SocketSend{SocketSend: send}}))
}

// Close ends a connection with a code of RFC 6455; 0: 1000.
func (s Sockets) Close(connection string, code int, reason string) error {
	end := &gen.SocketClose{ConnectionId: connection, Code: uint32(code), Reason: reason}
	_, err := s.c.write(&gen.Call{Operation: &gen.Call_SocketClose{SocketClose: end}})
	return err
}

func (a *attempt) onSocket(handler func(*Context, SocketEvent) (any, error)) error {
	wire := a.invoke.GetHttp()
	happened := wire.GetSocket()
	event := SocketEvent{HTTPRequest: readRequest(wire), ConnectionID: happened.GetConnectionId(),
		Code: int(happened.GetCode()), Reason: happened.GetReason()}
	if happened.GetKind() == gen.SocketEventKind_SOCKET_EVENT_KIND_CONNECT {
		event.Type = "connect"
		return a.answer(a.step.handlers, func(c *Context, request *HTTPRequest) (*HTTPResponse, error) {
			answer, err := handler(c, event)
			response, ok := answer.(*HTTPResponse)
			if err == nil && answer != nil && !ok {
				err = badResult("a socket's handler answers connect with a *motia.HTTPResponse or nil, this is a %T", answer)
			}
			if response == nil {
				response = &HTTPResponse{Status: 200, Body: None{}}
			} else if response.Status == 101 {
				response.Status = 200
			}
			return response, err
		})
	}
	event.Type = "close"
	if happened.GetKind() == gen.SocketEventKind_SOCKET_EVENT_KIND_MESSAGE {
		event.Type, event.Data = "message", socketData(wire)
	}
	answer, err := handler(a.context(), event)
	response := &gen.HttpResponse{Status: 200}
	if err == nil && answer != nil && event.Type == "message" {
		if response.BodyKind, response.Body, err = bodyOf(answer); err == nil {
			err = a.fits(response.Body, "the message")
		}
	}
	a.outcome = &gen.Complete{Outcome: &gen.Complete_Http{Http: response}}
	return err
}

func socketData(wire *gen.HttpRequest) any {
	switch wire.GetBodyFormat() {
	case gen.BodyFormat_BODY_FORMAT_TEXT:
		return string(wire.GetBody())
	case gen.BodyFormat_BODY_FORMAT_JSON:
		return json.RawMessage(wire.GetBody())
	}
	return wire.GetBody()
}
