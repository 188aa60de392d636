package motia

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"github.com/invopop/jsonschema"
)

// What has no schema: a handler that takes these takes anything.
var shapeless = map[reflect.Type]bool{
	typeOf[json.RawMessage](): true, typeOf[[]byte](): true, typeOf[string](): true, typeOf[Streamed](): true, typeOf[None](): true,
}

func typeOf[T any]() reflect.Type { return reflect.TypeOf((*T)(nil)).Elem() }

// schemaOf makes JSON Schema of a type, a value of a type, a map of schemas by status, or what is JSON Schema already;
// nil where there is nothing to say.
func schemaOf(source any) (schema any, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("it cannot be written as JSON Schema: %v", problem)
		}
	}()
	switch source := source.(type) {
	case nil:
		return nil, nil
	case map[string]any, json.RawMessage:
		return source, nil
	case map[int]any:
		schemas := map[int]any{}
		for status, of := range source {
			if schemas[status], err = schemaOf(of); err != nil {
				return nil, err
			}
			if schemas[status] == nil {
				delete(schemas, status)
			}
		}
		if len(schemas) == 0 {
			return nil, nil
		}
		return schemas, nil
	case reflect.Type:
		if source == nil || source.Kind() == reflect.Interface || shapeless[source] {
			return nil, nil
		}
		reflector := jsonschema.Reflector{Anonymous: true, ExpandedStruct: source.Kind() == reflect.Struct,
			AllowAdditionalProperties: true, Namer: namer()}
		made := reflector.ReflectFromType(source)
		made.Version = ""
		return made, nil
	default:
		return schemaOf(reflect.TypeOf(source))
	}
}

var unnameable = regexp.MustCompile(`[^A-Za-z0-9_]+`)

// namer names the types within one schema: as Go does, without what a $ref cannot have, and with a number where two packages
// have one of a name.
func namer() func(reflect.Type) string {
	owners := map[string]reflect.Type{}
	return func(of reflect.Type) string {
		plain := strings.Trim(unnameable.ReplaceAllString(of.Name(), "_"), "_")
		name := plain
		for n := 2; name != "" && owners[name] != nil && owners[name] != of; n++ {
			name = fmt.Sprint(plain, n)
		}
		owners[name] = of
		return name
	}
}

// encode writes a value as JSON text.
func encode(value any) ([]byte, error) {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return []byte(strings.TrimSuffix(text.String(), "\n")), nil
}

// decoder reads JSON text as a T. Numbers in values of no type of their own keep their digits, as json.Number.
func decoder[T any]() func([]byte, *T) error {
	if !holdsAny(typeOf[T](), map[reflect.Type]bool{}) {
		return func(text []byte, value *T) error { return json.Unmarshal(text, value) }
	}
	return func(text []byte, value *T) error {
		reading := json.NewDecoder(strings.NewReader(string(text)))
		reading.UseNumber()
		return reading.Decode(value)
	}
}

func decode[T any](text []byte) (value T, err error) {
	return value, decoder[T]()(text, &value)
}

func holdsAny(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Interface:
		return true
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return holdsAny(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			if holdsAny(t.Field(i).Type, seen) {
				return true
			}
		}
	}
	return false
}
