// Package output prints reports: for people (Human), for programs (JSON, JSONLine, and the Schema of both), and the prose that
// explains a cause (Explain). It reads saved reports back (Read). It shows what the report says and decides nothing.
package output

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/rung-cli/rung/checks"
)

// JSON writes one indented document: the report itself where there is one, an array of the reports otherwise. No list in it is
// null, and text from the network stays escaped. The error is the writer's.
func JSON(w io.Writer, reports []*checks.Report) error {
	if len(reports) == 1 {
		return encode(w, reports[0], "  ")
	}
	return encode(w, reports, "  ")
}

// JSONLine writes the report on a line of its own, in the form of JSON.
func JSONLine(w io.Writer, report *checks.Report) error {
	return encode(w, report, "")
}

func encode(w io.Writer, v any, indent string) error {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	if err := encoder.Encode(withoutNil(reflect.ValueOf(v)).Interface()); err != nil {
		return fmt.Errorf("report as JSON: %w", err)
	}
	_, err := w.Write(escapeJSON(b.Bytes()))
	return err
}

// withoutNil is a copy of v in which every nil slice, at any depth, is an empty one: JSON's null is not a list, and a program
// that walks a list should not have to ask.
func withoutNil(v reflect.Value) reflect.Value {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return v
		}
		inner := withoutNil(v.Elem())
		if v.Kind() == reflect.Interface {
			return inner
		}
		pointer := reflect.New(v.Type().Elem())
		pointer.Elem().Set(inner)
		return pointer
	case reflect.Slice:
		list := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			list.Index(i).Set(withoutNil(v.Index(i)))
		}
		return list
	case reflect.Struct:
		return structWithoutNil(v)
	}
	return v
}

func structWithoutNil(v reflect.Value) reflect.Value {
	same := reflect.New(v.Type()).Elem()
	same.Set(v)
	for i := range same.NumField() {
		if field := same.Field(i); field.CanSet() { // the unexported ones have no place in JSON
			field.Set(withoutNil(v.Field(i)))
		}
	}
	return same
}

// escapeJSON writes every rune that must not be shown as \uXXXX, in surrogate pairs above the Basic Multilingual Plane (RFC 8259
// §7); the JSON value stays the same. Such runes occur within strings alone, and encoding/json has escaped those below DEL.
func escapeJSON(text []byte) []byte {
	escaped := make([]byte, 0, len(text))
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case r < unicode.MaxASCII || shown(r):
			escaped = append(escaped, text[:size]...)
		case utf16.RuneLen(r) == 1:
			escaped = fmt.Appendf(escaped, `\u%04x`, r)
		default:
			high, low := utf16.EncodeRune(r)
			escaped = fmt.Appendf(escaped, `\u%04x\u%04x`, high, low)
		}
		text = text[size:]
	}
	return escaped
}
