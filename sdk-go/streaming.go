package motia

import (
	"strings"

	"motia/gen"
)

const longestChunk = 128 << 10

var contentTypes = map[gen.BodyKind]string{
	gen.BodyKind_BODY_KIND_TEXT:   "text/plain; charset=utf-8",
	gen.BodyKind_BODY_KIND_BINARY: "application/octet-stream",
	gen.BodyKind_BODY_KIND_JSON:   "application/x-ndjson",
}

// stream sends a response piece by piece, as fast as its client takes them.
func (a *attempt) stream(response *HTTPResponse, body Streamed) error {
	if !a.session.has("streamed-responses") {
		return badResult("this core takes no body piece by piece: upgrade motia-core")
	}
	head := response.head()
	started, sent := false, uint64(0)
	start := func(kind gen.BodyKind) error {
		if started {
			return nil
		}
		started, head.BodyKind = true, gen.BodyKind_BODY_KIND_BINARY
		if !named(head.Headers, "content-type") {
			head.Headers = append(head.Headers, "content-type", contentTypes[kind])
		}
		return a.piece(&gen.SidecarFrame{Frame: &gen.SidecarFrame_ResponseStart{ResponseStart: &gen.ResponseStart{
			InvocationId: a.invoke.GetInvocationId(), LeaseToken: a.invoke.GetLeaseToken(), Response: head}}})
	}
	a.mu.Lock()
	a.streams = true
	a.mu.Unlock()
	if named(head.Headers, "content-type") {
		if err := start(gen.BodyKind_BODY_KIND_BINARY); err != nil {
			return err
		}
	}
	err := body(func(piece any) error {
		kind, data, err := bodyOf(piece)
		if err != nil {
			return err
		}
		if kind == gen.BodyKind_BODY_KIND_JSON {
			data = append(data, '\n')
		}
		if err := start(kind); err != nil {
			return err
		}
		for len(data) > 0 {
			chunk := data[:min(len(data), longestChunk)]
			data = data[len(chunk):]
			if !a.roomFor(sent, uint64(len(chunk))) {
				return ErrClientGone
			}
			sent += uint64(len(chunk))
			if err := a.piece(&gen.SidecarFrame{Frame: &gen.SidecarFrame_ResponseChunk{ResponseChunk: &gen.ResponseChunk{
				InvocationId: a.invoke.GetInvocationId(), LeaseToken: a.invoke.GetLeaseToken(), Data: chunk}}}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return a.done(start(gen.BodyKind_BODY_KIND_BINARY))
}

func (a *attempt) piece(frame *gen.SidecarFrame) error {
	if !a.session.piece(a, frame) {
		return ErrClientGone
	}
	return nil
}

// roomFor waits until so many bytes may be on the way; false: the client has left, or the attempt was cancelled.
func (a *attempt) roomFor(sent, more uint64) bool {
	window := a.session.welcome.Load().GetChunkWindowBytes()
	a.mu.Lock()
	defer a.mu.Unlock()
	for a.reason == 0 && sent != a.taken && sent-a.taken+more > window {
		a.idle.Wait()
	}
	return a.reason == 0
}

// tookChunks notes that so many bytes have gone on to the client.
func (a *attempt) tookChunks(total uint64) {
	a.mu.Lock()
	a.taken = max(a.taken, total)
	a.idle.Broadcast()
	a.mu.Unlock()
}

func named(headers []string, name string) bool {
	for i := 0; i < len(headers); i += 2 {
		if strings.EqualFold(headers[i], name) {
			return true
		}
	}
	return false
}
