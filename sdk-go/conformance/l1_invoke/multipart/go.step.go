package multipart

import (
	"io"

	"motia"
)

var _ = motia.API(motia.APIConfig{Name: "multipart go", Method: "POST", Path: "/go/multipart"},
	func(ctx *motia.Context, req motia.Request[any]) (motia.Response[any], error) {
		files := []any{}
		for _, file := range req.Files {
			content, err := file.Open()
			if err != nil {
				return motia.Response[any]{}, err
			}
			text, err := io.ReadAll(io.LimitReader(content, 8))
			content.Close()
			if err != nil {
				return motia.Response[any]{}, err
			}
			files = append(files, map[string]any{"field": file.Field, "filename": file.Filename, "type": file.ContentType,
				"size": file.Size, "text": string(text), "disk": file.Path != ""})
		}
		body := map[string]any{"body": req.Body, "raw": string(req.RawBody), "files": files}
		return motia.Response[any]{Status: 200, Body: body}, nil
	})
