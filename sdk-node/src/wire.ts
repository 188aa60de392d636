/** Messages as bytes. */

import { BinaryWriter } from '@bufbuild/protobuf/wire'
import { ResponseChunk } from './gen/motia/v1/invoke.js'
import { SessionRequest, type SidecarFrame } from './gen/motia/v1/sidecar.js'

const FRAMES = (1 << 3) | 2 // tag of SessionRequest.frames
const RESPONSE_CHUNK = (14 << 3) | 2 // of SidecarFrame.response_chunk
const DATA = (3 << 3) | 2 // of ResponseChunk.data

/** A batch of frames. Pieces of streamed bodies are copied once; the generic writer would copy them three times. */
export function encodeFrames(frames: SidecarFrame[]): Buffer {
  if (!frames.some(({ frame }) => frame?.$case === 'responseChunk')) {
    return toBuffer(SessionRequest.encode({ frames }).finish())
  }
  const parts: Uint8Array[] = []
  for (const frame of frames) {
    if (frame.frame?.$case === 'responseChunk') parts.push(...chunkParts(frame.frame.value))
    else parts.push(SessionRequest.encode({ frames: [frame] }).finish())
  }
  return Buffer.concat(parts)
}

function chunkParts(chunk: ResponseChunk): Uint8Array[] {
  const { data } = chunk
  const ids = ResponseChunk.encode({ ...chunk, data: Buffer.alloc(0) }).finish()
  const dataHead = head(DATA, data.length)
  const chunkHead = head(RESPONSE_CHUNK, ids.length + dataHead.length + data.length)
  const frameHead = head(FRAMES, chunkHead.length + ids.length + dataHead.length + data.length)
  return [frameHead, chunkHead, ids, dataHead, data]
}

function head(tag: number, length: number): Uint8Array {
  return new BinaryWriter().uint32(tag).uint32(length).finish()
}

/** A view, not a copy: grpc-js wants Buffers. */
export function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
