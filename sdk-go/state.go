package motia

import (
	"encoding/json"
	"iter"
	"time"

	"motia/gen"
)

// State keeps JSON values in groups. Get, GetGroup, GetVersioned and List read them as types of one's own.
type State struct{ c *Context }

// Op is one operation of an update: "set", "merge", "increment", "append" or "remove", at a JSON pointer.
type Op struct {
	Type  string
	Path  string
	Value any // of set, merge and append
	By    any // of increment; nil: 1
}

// MarshalJSON leaves out what an operation does not have.
func (o Op) MarshalJSON() ([]byte, error) {
	fields := map[string]any{"type": o.Type, "path": o.Path}
	if o.Type == "set" || o.Value != nil {
		fields["value"] = o.Value
	}
	if o.By != nil {
		fields["by"] = o.By
	}
	return json.Marshal(fields)
}

// Versioned is a value with its version; 0: there is none.
type Versioned[T any] struct {
	Value   T      `json:"value"`
	Version uint64 `json:"version"`
}

// Page is a part of a list. An empty cursor says that there is no more.
type Page[T any] struct {
	Items  []T    `json:"items"`
	Cursor string `json:"cursor"`
}

// Item is a value of state with its key.
type Item[T any] struct {
	Key   string `json:"key"`
	Value T      `json:"value"`
}

// ListOptions say which part of a list is wanted.
type ListOptions struct {
	Prefix, Cursor string
	Limit          uint32 // 1 to 1000; 0: 100
}

func result[T any](text []byte, err error) (value T, _ error) {
	if err != nil {
		return value, err
	}
	return decode[T](text)
}

// Get reads a value. What is not there is the zero value; with a pointer type it is nil.
func Get[T any](s State, group, key string) (T, error) {
	return result[T](s.c.call(&gen.Call{Operation: &gen.Call_StateGet{StateGet: &gen.StateGet{GroupId: group, Key: key}}}))
}

// GetGroup reads all values of a group, ordered by key.
func GetGroup[T any](s State, group string) ([]T, error) {
	return result[[]T](s.c.call(&gen.Call{Operation: &gen.Call_StateGetGroup{StateGetGroup: &gen.StateGetGroup{GroupId: group}}}))
}

// GetVersioned reads a value and its version, for CompareAndSet.
func GetVersioned[T any](s State, group, key string) (Versioned[T], error) {
	get := &gen.StateGetVersioned{GroupId: group, Key: key}
	return result[Versioned[T]](s.c.call(&gen.Call{Operation: &gen.Call_StateGetVersioned{StateGetVersioned: get}}))
}

// List reads a group page by page.
func List[T any](s State, group string, options ListOptions) (Page[Item[T]], error) {
	list := &gen.StateList{GroupId: group, Prefix: options.Prefix, Cursor: options.Cursor, Limit: options.Limit}
	return result[Page[Item[T]]](s.c.call(&gen.Call{Operation: &gen.Call_StateList{StateList: list}}))
}

// ListAll reads a group, page by page as it is asked for.
func ListAll[T any](s State, group, prefix string) iter.Seq2[Item[T], error] {
	return all(func(cursor string) (Page[Item[T]], error) {
		return List[T](s, group, ListOptions{Prefix: prefix, Cursor: cursor})
	})
}

func all[T any](read func(cursor string) (Page[T], error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for page, err := read(""); ; page, err = read(page.Cursor) {
			for _, item := range page.Items {
				if !yield(item, nil) {
					return
				}
			}
			if err != nil {
				yield(*new(T), err)
			}
			if err != nil || page.Cursor == "" {
				return
			}
		}
	}
}

// Update changes a value by operations, all or none, and gives the new one.
func Update[T any](s State, group, key string, operations ...Op) (value T, _ error) {
	text, err := s.c.payload(operations, "the operations")
	if err != nil {
		return value, err
	}
	update := &gen.StateUpdate{GroupId: group, Key: key, Operations: text}
	return result[T](s.c.write(&gen.Call{Operation: &gen.Call_StateUpdate{StateUpdate: update}}))
}

// Delete removes a value and gives it back.
func Delete[T any](s State, group, key string) (T, error) {
	return result[T](s.c.write(&gen.Call{Operation: &gen.Call_StateDelete{StateDelete: &gen.StateDelete{GroupId: group, Key: key}}}))
}

// Set writes a value; it is gone after the time to live, if one is given.
func (s State) Set(group, key string, value any, ttl ...time.Duration) error {
	text, err := s.c.payload(value, "the value of "+key)
	if err != nil {
		return err
	}
	set := &gen.StateSet{GroupId: group, Key: key, Value: text}
	for _, time := range ttl {
		set.TtlMs = milliseconds(time)
	}
	_, err = s.c.write(&gen.Call{Operation: &gen.Call_StateSet{StateSet: set}})
	return err
}

// CompareAndSet writes a value if the version is still this one (0: there is none), and says which it is now.
func (s State) CompareAndSet(group, key string, version uint64, value any, ttl ...time.Duration) (ok bool, now uint64, err error) {
	text, err := s.c.payload(value, "the value of "+key)
	if err != nil {
		return false, 0, err
	}
	set := &gen.StateCompareAndSet{GroupId: group, Key: key, ExpectedVersion: version, Value: text}
	for _, time := range ttl {
		set.TtlMs = milliseconds(time)
	}
	answer, err := result[struct {
		OK      bool
		Version uint64
	}](s.c.write(&gen.Call{Operation: &gen.Call_StateCompareAndSet{StateCompareAndSet: set}}))
	return answer.OK, answer.Version, err
}

// Clear removes a group.
func (s State) Clear(group string) error {
	_, err := s.c.write(&gen.Call{Operation: &gen.Call_StateClear{StateClear: &gen.StateClear{GroupId: group}}})
	return err
}

// Groups are the names of the groups that have a value.
func (s State) Groups() ([]string, error) {
	return result[[]string](s.c.call(&gen.Call{Operation: &gen.Call_StateGroups{StateGroups: &gen.StateGroups{}}}))
}
