package motia

import (
	"encoding/json"
	"fmt"
	"iter"

	"motia/gen"
)

// Streamer reads and writes the items of a stream, which its clients see at once.
type Streamer[T any] struct{ name string }

// Stream registers the stream that a *.stream.go file defines; items are Ts.
func Stream[T any](config StreamConfig) Streamer[T] {
	if config.Storage == nil {
		config.Storage = map[string]any{"storageType": "default"}
	}
	step := define("stream", config.Name, config, config.Extra, map[string]any{"schema": typeOf[T]()})
	step.file, step.line = caller()
	step.hooks = &config
	step.serve = func(a *attempt) error { return a.onStream() }
	return Streamer[T]{config.Name}
}

// StreamNamed is a stream that another file defines, in any language.
func StreamNamed[T any](name string) Streamer[T] { return Streamer[T]{name} }

func (s Streamer[T]) check(c *Context) error {
	if !c.attempt.session.hasStream(s.name) {
		return fmt.Errorf("the project has no stream %q", s.name)
	}
	return nil
}

func streamed[T, R any](s Streamer[T], c *Context, writes bool, call *gen.Call) (value R, err error) {
	if err := s.check(c); err != nil {
		return value, err
	}
	if writes {
		return result[R](c.write(call))
	}
	return result[R](c.call(call))
}

// Get reads an item; nil when there is none.
func (s Streamer[T]) Get(c *Context, group, id string) (*T, error) {
	get := &gen.StreamGet{Stream: s.name, GroupId: group, Id: id}
	return streamed[T, *T](s, c, false, &gen.Call{Operation: &gen.Call_StreamGet{StreamGet: get}})
}

// GetGroup reads the items of a group, oldest first.
func (s Streamer[T]) GetGroup(c *Context, group string) ([]T, error) {
	get := &gen.StreamGetGroup{Stream: s.name, GroupId: group}
	return streamed[T, []T](s, c, false, &gen.Call{Operation: &gen.Call_StreamGetGroup{StreamGetGroup: get}})
}

// List reads the items of a group page by page, oldest first.
func (s Streamer[T]) List(c *Context, group string, options ListOptions) (Page[T], error) {
	list := &gen.StreamList{Stream: s.name, GroupId: group, Cursor: options.Cursor, Limit: options.Limit}
	return streamed[T, Page[T]](s, c, false, &gen.Call{Operation: &gen.Call_StreamList{StreamList: list}})
}

// ListAll reads a group, page by page as it is asked for.
func (s Streamer[T]) ListAll(c *Context, group string) iter.Seq2[T, error] {
	return all(func(cursor string) (Page[T], error) { return s.List(c, group, ListOptions{Cursor: cursor}) })
}

// Groups are the names of the groups that have an item.
func (s Streamer[T]) Groups(c *Context) ([]string, error) {
	groups := &gen.StreamGroups{Stream: s.name}
	return streamed[T, []string](s, c, false, &gen.Call{Operation: &gen.Call_StreamGroups{StreamGroups: groups}})
}

// Set writes an item and gives it as it is stored.
func (s Streamer[T]) Set(c *Context, group, id string, item any) (*T, error) {
	text, err := c.payload(item, "the item")
	if err != nil {
		return nil, err
	}
	set := &gen.StreamSet{Stream: s.name, GroupId: group, Id: id, Data: text}
	return streamed[T, *T](s, c, true, &gen.Call{Operation: &gen.Call_StreamSet{StreamSet: set}})
}

// Update changes an item by operations, all or none, and gives it as it is stored; nil when it was removed.
func (s Streamer[T]) Update(c *Context, group, id string, operations ...Op) (*T, error) {
	text, err := c.payload(operations, "the operations")
	if err != nil {
		return nil, err
	}
	update := &gen.StreamUpdate{Stream: s.name, GroupId: group, Id: id, Operations: text}
	return streamed[T, *T](s, c, true, &gen.Call{Operation: &gen.Call_StreamUpdate{StreamUpdate: update}})
}

// Delete removes an item and gives it back; nil when there was none.
func (s Streamer[T]) Delete(c *Context, group, id string) (*T, error) {
	remove := &gen.StreamDelete{Stream: s.name, GroupId: group, Id: id}
	return streamed[T, *T](s, c, true, &gen.Call{Operation: &gen.Call_StreamDelete{StreamDelete: remove}})
}

// Send pushes an event to the subscribers of a group, or of one item of it; nothing is stored.
func (s Streamer[T]) Send(c *Context, group, id, kind string, data any) error {
	text, err := c.payload(data, "the data")
	if err != nil {
		return err
	}
	send := &gen.StreamSend{Stream: s.name, GroupId: group, Id: id, Type: kind, Data: text}
	_, err = streamed[T, any](s, c, true, &gen.Call{Operation: &gen.Call_StreamSend{StreamSend: send}})
	return err
}

// Subscription is who a hook of a stream is asked about. Auth is JSON text, nil when nobody was authenticated.
type Subscription struct {
	Stream, Group, ID, ConnectionID string
	Auth                            json.RawMessage
}

// Message is what a client sends to a stream.
type Message struct {
	Type string
	Data json.RawMessage
}

func (a *attempt) onStream() error {
	wire, hooks, c := a.invoke.GetStream(), a.step.hooks, a.context()
	who := Subscription{wire.GetStream(), wire.GetGroupId(), wire.GetId(), wire.GetConnectionId(), wire.GetAuth()}
	var answer any
	var err error
	switch kind := wire.GetKind(); {
	case kind == gen.StreamHookKind_STREAM_HOOK_KIND_CAN_ACCESS && hooks.CanAccess != nil:
		answer, err = hooks.CanAccess(c, who)
	case kind == gen.StreamHookKind_STREAM_HOOK_KIND_CAN_SEND && hooks.CanSend != nil:
		answer, err = hooks.CanSend(c, who, Message{wire.GetMessageType(), wire.GetMessageData()})
	case kind == gen.StreamHookKind_STREAM_HOOK_KIND_JOIN && hooks.OnJoin != nil:
		answer, err = hooks.OnJoin(c, who)
	case kind == gen.StreamHookKind_STREAM_HOOK_KIND_LEAVE && hooks.OnLeave != nil:
		err = hooks.OnLeave(c, who)
	default:
		err = fmt.Errorf("%s has no hook for %s", a.step.name, kind)
	}
	if err != nil {
		return err
	}
	value, err := c.payload(answer, "the answer")
	a.outcome = &gen.Complete{Outcome: &gen.Complete_Answer{Answer: &gen.HookAnswer{Value: value}}}
	return err
}
